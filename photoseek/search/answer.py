"""One search through a store, a page at a time: by meaning or hybrid, deduplicated or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from photoseek.errors import QueryError
from photoseek.records import Condition, Confidence, Hit, Vector
from photoseek.search.confidence import Background
from photoseek.search.duplicates import HitGroup, group_duplicates
from photoseek.search.fusion import RankFusion
from photoseek.search.vectors import mix
from photoseek.store import PhotoStore

DEDUPE_WINDOW = 2_000
"""Hits among which copies are taken together; an answer without duplicates ends there."""

Ranking = Callable[[int, int], list[Hit]]
"""Gives `count` hits from `offset` on, in an order that stays the same: (offset, count) -> hits."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked: the photos nearest to a mix of `parts`, at least one.

    A part is a unit vector, shape (dimensions,), or the id of a photo, with its weight; photos
    that are asked with are not found themselves. With `words`, photos whose caption or tags
    contain them are preferred. `pictures` is the share of pictures in the query, in [0, 1], as
    `Background.confidence` wants it. `dedupe` takes copies of a photo together.
    """

    parts: tuple[tuple[Vector | str, float], ...]
    top_k: int
    offset: int = 0
    where: tuple[Condition, ...] = ()
    words: str = ""
    pictures: float = 0.0
    dedupe: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of hits. `total` photos satisfy the conditions, and `more` come after this page.

    The score of a hit is its cosine similarity, also where words decided about its rank.
    `confidence` is given with the first page only.
    """

    hits: tuple[HitGroup, ...]
    total: int
    more: bool
    confidence: Confidence | None


def search(store: PhotoStore, asked: Search, background: Background | None) -> Answer:
    """Answer a search; without a background there is no confidence.

    Raises QueryError as `PhotoStore.search` does, for an unknown id, and for parts that cancel
    each other out.
    """
    ids = [part for part, _ in asked.parts if isinstance(part, str)]
    vector = _mixed(store, asked.parts, ids)
    where = (*asked.where, *(Condition("id", "!=", photo_id) for photo_id in ids))
    ranking: Ranking = partial(_by_meaning, store, vector, where)
    if asked.words:
        ranking = RankFusion(store, vector, asked.words, where)
    wanted = asked.top_k + 1  # one more than asked for, to see whether there is another page
    if asked.dedupe:
        found = _deduplicated(ranking, asked.offset + wanted)[asked.offset :]
    else:
        found = [HitGroup(hit, ()) for hit in ranking(asked.offset, wanted)]
    hits = tuple(
        replace(group, hit=replace(group.hit, rank=rank))
        for rank, group in enumerate(found[: asked.top_k], start=asked.offset + 1)
    )
    total = store.count(where)
    confidence = None
    if background is not None and hits and not asked.offset:
        best = max(group.hit.score for group in hits)
        confidence = background.confidence(vector, best, total, pictures=asked.pictures)
    return Answer(hits, total, len(found) == wanted, confidence)


def _mixed(
    store: PhotoStore, parts: Sequence[tuple[Vector | str, float]], ids: Sequence[str]
) -> Vector:
    known = store.vectors(ids) if ids else {}
    for photo_id in ids:
        if photo_id not in known:
            raise QueryError(f"No photo in the index has the id {photo_id!r}.")
    vectors = [known[part] if isinstance(part, str) else part for part, _ in parts]
    return mix(vectors, [weight for _, weight in parts])


def _by_meaning(
    store: PhotoStore, vector: Vector, where: Sequence[Condition], offset: int, count: int
) -> list[Hit]:
    return store.search(vector, count, where=where, offset=offset)


def _deduplicated(ranking: Ranking, wanted: int) -> list[HitGroup]:
    """The first groups of copies."""
    count = min(2 * wanted, DEDUPE_WINDOW)
    while True:
        hits = ranking(0, count)
        groups = group_duplicates(hits)
        if len(groups) >= wanted or len(hits) < count or count == DEDUPE_WINDOW:
            return groups[:wanted]
        count = min(2 * count, DEDUPE_WINDOW)
