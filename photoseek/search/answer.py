"""One search through a store, a page at a time: by meaning or hybrid, deduplicated or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from photoseek.records import Condition, Filter, Found, Hit, Sort, StoredPhoto, Vector
from photoseek.search.confidence import Background
from photoseek.search.duplicates import HitGroup, group_duplicates, with_best_cover
from photoseek.search.fusion import RankFusion
from photoseek.search.limits import USUAL, Limits
from photoseek.search.meaningless import WithoutMeaning, without_meaning
from photoseek.search.query_encoder import EncodedPart, EncodedQuery
from photoseek.search.sorted_hits import SORTED_HITS, good_hits, has_all, sorted_groups
from photoseek.search.vectors import mix
from photoseek.store import PhotoStore
from photoseek.store.index_errors import unknown_photo
from photoseek.store.validation import check_page
from photoseek.store.word_forms import asked_words, words_in

DEDUPE_WINDOW = 2_000
"""Hits among which copies are taken together; an answer without duplicates ends there."""

BEST = 20
"""Hits of a search by meaning among which one with all its words is a good match."""

LINES_FOUND = 5
"""Lines of the text in a picture that an answer names at most."""

Ranking = Callable[[int, int], list[Hit]]
"""Gives `count` hits from `offset` on, in an order that stays the same: (offset, count) -> hits."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked: the photos nearest to a query.

    Photos that are asked with are not found themselves. `hybrid` prefers photos whose caption or
    tags contain the words of the query, and `dedupe` takes copies of a photo together. With `sort`
    the good ones (`photoseek.search.sorted_hits`) come in that order.
    """

    query: EncodedQuery
    top_k: int = 10
    offset: int = 0
    where: tuple[Filter, ...] = ()
    hybrid: bool = False
    dedupe: bool = False
    sort: Sort | None = None


def search(
    store: PhotoStore, asked: Search, background: Background | None, limits: Limits = USUAL
) -> Found:
    """Answer a search; without a background there is no confidence.

    The score of a hit is its cosine similarity, also where words decided about its rank. Confidence
    of texts goes by the limits. It is high, too, where texts alone are looked for, or words, and a
    photo that is found has all their words.

    Raises:
        QueryError: as `PhotoStore.search`; an id is unknown; the parts cancel each other out.
    """
    query = asked.query
    ids = [part.value for part in query.parts if isinstance(part.value, str)]
    vectors = _vectors(store, query.parts, ids)
    vector = mix(vectors, query.weights)
    where = (*asked.where, *(Condition("id", "!=", photo_id) for photo_id in ids))
    total = store.count(where)
    chance = None
    if background is not None:
        without = _without_meaning(query, vectors)
        chance = background.chance(vector, total, pictures=query.pictures, without_meaning=without)
        limits = USUAL if without is None else limits
    judges_words = asked.hybrid or query.wants_texts
    words = frozenset(asked_words(query.words)) if judges_words else frozenset[str]()
    ranking_words = words if asked.hybrid else frozenset[str]()
    ranking: Ranking = partial(_by_meaning, store, vector, where)
    if asked.hybrid and query.words:
        ranking = RankFusion(store, vector, query.words, where)
    if asked.sort:
        check_page(asked.top_k, asked.offset)
        nearest = ranking(0, SORTED_HITS)
        least = None if chance is None else chance.least_score(limits)
        good = good_hits(nearest, least, ranking_words)
        groups = _sorted(good, asked, asked.sort)
    else:
        groups = _best_first(ranking, asked)
        nearest = [group.hit for group in groups[: asked.top_k]]
    hits = tuple(
        _hit(group, rank, ranking_words)
        for rank, group in enumerate(groups[: asked.top_k], start=asked.offset + 1)
    )
    confidence = None
    if chance is not None and hits and not asked.offset:
        confidence = chance.confidence(max(hit.score for hit in nearest), limits)
        first = hits if asked.hybrid else nearest[:BEST]
        if confidence != "high" and any(has_all(words, hit) for hit in first):
            confidence = "high"  # whatever it looks like, that is what somebody wrote
    next_offset = asked.offset + len(hits) if len(groups) > asked.top_k else None
    return Found(hits, total=total, confidence=confidence, next_offset=next_offset)


def _without_meaning(query: EncodedQuery, vectors: Sequence[Vector]) -> WithoutMeaning | None:
    if query.meaningless is None:
        return None
    return without_meaning(query.meaningless, vectors, query.weights)


def _best_first(ranking: Ranking, asked: Search) -> list[HitGroup]:
    """The groups of a page, and one more where there is another page."""
    wanted = asked.top_k + 1
    if not asked.dedupe:
        return [HitGroup(hit) for hit in ranking(asked.offset, wanted)]
    groups = _deduplicated(ranking, asked.offset + wanted)[asked.offset :]
    return list(map(with_best_cover, groups))


def _sorted(good: Sequence[Hit], asked: Search, sort: Sort) -> list[HitGroup]:
    """The same for a search in another order, out of its good hits."""
    groups = group_duplicates(good) if asked.dedupe else list(map(HitGroup, good))
    in_order = sorted_groups(list(map(with_best_cover, groups)), sort)
    return in_order[asked.offset :][: asked.top_k + 1]


def _hit(group: HitGroup, rank: int, words: frozenset[str]) -> Hit:
    copies = tuple(copy.stored for copy in group.duplicates)
    lines = _lines_with(words, group.hit.stored) if words else ()
    return replace(group.hit, rank=rank, duplicates=copies, lines_found=lines)


def _lines_with(words: frozenset[str], stored: StoredPhoto) -> tuple[str, ...]:
    """The first lines of the text in a picture that have one of the words."""
    lines = (line.text for line in stored.text.lines) if stored.text else ()
    return tuple(islice((line for line in lines if words & {*words_in(line)}), LINES_FOUND))


def _vectors(store: PhotoStore, parts: Sequence[EncodedPart], ids: Sequence[str]) -> list[Vector]:
    known = store.vectors(ids) if ids else {}
    for photo_id in ids:
        if photo_id not in known:
            raise unknown_photo(photo_id)
    values = [part.value for part in parts]
    return [known[value] if isinstance(value, str) else value for value in values]


def _by_meaning(
    store: PhotoStore, vector: Vector, where: Sequence[Filter], offset: int, count: int
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
