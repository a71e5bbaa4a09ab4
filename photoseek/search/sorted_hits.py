"""The good hits of a search in another order than the best first.

A search ranks all photos, and most of them have nothing to do with the query: sorted by date they
would bury those that have. So only these are sorted: hits among the best `SORTED_HITS` whose score
is one that alone would not be called "nothing seems to match" (`photoseek.search.confidence`), or
that have all words of a hybrid search. Where no hit is good, the best `NEAREST` are sorted, and
where a library is too small to tell, all are.
"""

from __future__ import annotations

from collections.abc import Sequence

from photoseek.records import Hit, Sort
from photoseek.search.duplicates import HitGroup
from photoseek.store.fulltext import has_words
from photoseek.store.sorting import in_order

SORTED_HITS = 1_000
"""Hits of which the good ones are sorted at most."""

NEAREST = 20
"""Hits that are sorted where nothing matches."""


def good_hits(hits: Sequence[Hit], least: float | None, words: frozenset[str]) -> list[Hit]:
    """Those of the hits, best first, that are good enough to be sorted.

    `least` is the score from which a hit is good, None where nobody can tell: then all are.
    """
    if least is None:
        return list(hits)
    good = [hit for hit in hits if hit.score >= least or has_all(words, hit)]
    return good or list(hits[:NEAREST])


def sorted_groups(groups: Sequence[HitGroup], sort: Sort) -> list[HitGroup]:
    """The groups of copies in the order of the photos that stand for them."""
    by_id = {group.hit.stored.photo.id: group for group in groups}
    return [by_id[each.photo.id] for each in in_order(sort, (g.hit.stored for g in groups))]


def has_all(words: frozenset[str], hit: Hit) -> bool:
    """Whether all of these words are written of a photo; False where there are none."""
    return bool(words) and has_words(hit.stored, words)
