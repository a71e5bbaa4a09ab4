"""Hybrid search: reciprocal rank fusion (RRF) of a vector search and a keyword search.

Only the best photos of both are fused, always as many, so that the order is the same whichever
page of it is asked for. Behind them come the other photos by meaning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from photoseek.records import Filter, Hit, Vector
from photoseek.store import PhotoStore

FUSED = 200
"""Photos of each of the two rankings."""

RRF_K = 60
"""How little the first ranks stand out; the value of Cormack, Clarke and Büttcher (2009)."""


class RankFusion:
    """The photos of a store in the order that a vector and words give them together.

    The score of a hit is its cosine similarity to the vector; it does not decide alone.
    """

    def __init__(
        self, store: PhotoStore, vector: Vector, words: str, where: Sequence[Filter]
    ) -> None:
        self._store = store
        self._vector = vector
        self._where = where
        near = store.search(vector, FUSED, where=where)
        worded = store.keywords(words, FUSED, where=where)
        hits = {hit.stored.photo.id: hit for hit in near}
        self._far = {stored.photo.id for stored in worded} - hits.keys()
        # A photo that was deleted since has no vector any more.
        scores = {i: float(v @ vector) for i, v in store.vectors(self._far).items()}
        for stored in worded:
            if stored.photo.id in scores:
                hits[stored.photo.id] = Hit(0, scores[stored.photo.id], stored)
        points: defaultdict[str, float] = defaultdict(float)
        for ranked in ([hit.stored for hit in near], worded):
            for rank, stored in enumerate(ranked, start=1):
                points[stored.photo.id] += 1 / (RRF_K + rank)
        order = sorted(hits, key=lambda photo_id: (-points[photo_id], photo_id))
        self._fused = [hits[photo_id] for photo_id in order]
        self._ends = len(near) < FUSED

    def __call__(self, offset: int, count: int) -> list[Hit]:
        """`count` hits after the first `offset`; the ranks that they carry mean nothing."""
        hits = self._fused[offset : offset + count]
        missing = count - len(hits)
        if not missing or self._ends:
            return hits
        skip = max(0, offset - len(self._fused))
        # Those that the words brought to the front are met again.
        end = skip + missing + len(self._far)
        beyond = self._store.search(self._vector, end, where=self._where, offset=FUSED)
        others = [hit for hit in beyond if hit.stored.photo.id not in self._far]
        return hits + others[skip : skip + missing]
