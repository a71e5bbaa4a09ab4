"""What is read from a collection in more than one request.

Milvus gives back 16,384 photos of a search at most, in no order that could be named, and no rows
one after the other. Keys are digests, so they are spread evenly: a collection is read in ranges of
keys, each as many rows as one answer should hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from photoseek.errors import QueryError
from photoseek.records import StoredPhoto, Vector
from photoseek.store.fulltext import bm25, words_of
from photoseek.store.milvus.milvus_collection import MilvusCollection
from photoseek.store.milvus.milvus_expressions import EVERY, among
from photoseek.store.milvus.milvus_rows import SHOWN, kept_in, stored_in, vector_in
from photoseek.store.milvus.milvus_server import SESSION, MilvusError
from photoseek.store.own_columns import OwnColumns
from photoseek.store.validation import spread

MOST_HITS = 16_384
_KEYS_AT_ONCE = 1_000
_RECORDS_AT_ONCE = 2_000
_NUMBERS_AT_ONCE = 10_000
_LARGE = {"record", "vector"}
_SCANNED = 50_000
"""Photos among which words are looked for one by one, where the server has no BM25."""

Scored = tuple[float, StoredPhoto]


class MilvusQueries:
    """Reading from one collection. Every method raises `MilvusError`."""

    def __init__(self, collection: MilvusCollection) -> None:
        self._collection = collection
        self._counted: tuple[int, int, OwnColumns] | None = None

    def rows_of(
        self, keys: Iterable[str], columns: Sequence[str], consistency: str = SESSION
    ) -> Iterator[dict[str, Any]]:
        """The rows with these keys, as far as they are stored."""
        left = iter(dict.fromkeys(keys))
        while some := list(islice(left, _KEYS_AT_ONCE)):
            yield from self._collection.rows(among("key", some), columns, consistency)

    def scan(self, expression: str, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """All rows for which an expression holds, by ranges of their keys."""
        at_once = _RECORDS_AT_ONCE if _LARGE.intersection(columns) else _NUMBERS_AT_ONCE
        ranges = -(-self._collection.count(expression) // at_once)
        for number in range(ranges):
            within = f"({expression}){_bounds(number, ranges)}"
            yield from self._collection.rows(within, columns)

    def ids(self, expression: str = EVERY) -> Iterator[list[str]]:
        """The ids of all photos for which an expression holds, some at a time."""
        photos = self.photos(expression)
        while some := [stored.photo.id for stored in islice(photos, _KEYS_AT_ONCE)]:
            yield some

    def used(self, collection: str, hashes: Sequence[str], keeps: Sequence[str]) -> set[str] | None:
        """Those of the content hashes that a photo of a collection has which keeps one of these
        things; None where that collection is gone.
        """
        expression = f"{among('content_hash', hashes)} and {among('keep', keeps)}"
        try:
            other = MilvusCollection(self._collection.server, collection)
            rows = MilvusQueries(other).scan(expression, ("content_hash",))
            return {row["content_hash"] for row in rows}
        except MilvusError as error:
            if error.is_gone:
                return None
            raise

    def photos(self, expression: str) -> Iterator[StoredPhoto]:
        """All photos for which an expression holds."""
        return map(kept_in, self.scan(expression, SHOWN))

    def part(self, share: float, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The rows of a share of all keys, the same ones every time."""
        last = f"{min(2**32 - 1, int(share * 2**32)):08x}"
        return self.scan(EVERY if share >= 1 else f'key < "{last}"', columns)

    def nearest(self, query: Vector, most: int, expression: str, *, exact: bool) -> list[Scored]:
        """The photos nearest to a unit vector, best first, equal ones by id; at least `most`."""

        def ask(limit: int) -> list[dict[str, Any]]:
            # A graph goes by the one, lists by the other.
            ef = _EF_EXACT if exact else max(EF, min(2 * limit, _EF_EXACT))
            search = {"ef": ef, "nprobe": _LISTS_EXACT if exact else _LISTS}
            return self._collection.nearest("vector", query, limit, expression, search)

        return _ranked(ask, most)

    def relevant(self, words: str, most: int, expression: str) -> list[Scored]:
        """The photos that have any of some words, by BM25, equal ones by id; at least `most`."""

        def ask(limit: int) -> list[dict[str, Any]]:
            rows = self._collection.nearest("relevance", words, limit, expression, {})
            # Some servers give it below zero, as if it were a distance.
            return [row | {"distance": abs(row["distance"])} for row in rows]

        return _ranked(ask, most)

    def scanned(self, text: str, expression: str, fields: Sequence[str]) -> list[StoredPhoto]:
        """The photos that have any of some words, best first, read one by one.

        Raises:
            QueryError: there are too many.
        """
        if (photos := self._collection.count(expression)) > _SCANNED:
            raise QueryError(
                "The Milvus server of this index is "
                f"{self._collection.server.version}, which knows no keywords (2.5 and later do), "
                f"and {photos:,} photos are too many to look through one by one. Search without "
                f"hybrid, or narrow it down to {_SCANNED:,} with filters."
            )
        by_id = {stored.photo.id: stored for stored in self.photos(expression)}
        scores = bm25(text, {i: words_of(stored, fields) for i, stored in by_id.items()})
        return [by_id[i] for i in sorted(scores, key=lambda i: (-scores[i], i))]

    def sample(self, count: int) -> list[Vector]:
        """At most `count` vectors from all over the collection, the same ones every time."""
        # Keys are spread evenly, so a part of them is as good as all, and much sooner read.
        share = max(4 * count, 10_000) / max(1, self._collection.count(EVERY))
        order = sorted(
            (int(row["indexed_at"]), str(row["key"]))
            for row in self.part(share, ("indexed_at", "key"))
        )
        keys = [order[row][1] for row in spread(len(order), count)]
        found = {row["key"]: row for row in self.rows_of(keys, ("key", "vector"))}
        return [vector_in(found[key]) for key in keys if key in found]

    def own_columns(self) -> OwnColumns:
        """What all photos have in columns of their own, counted again after a write."""
        rows = self._collection.count(EVERY)
        if self._counted is not None:
            rows_then, last, counted = self._counted
            if rows == rows_then and not self._collection.count(f"written_at > {last}"):
                return counted
        columns, last = OwnColumns(), 0
        photos: list[StoredPhoto] = []
        for row in self.scan(EVERY, ("record", "written_at")):
            last = max(last, int(row["written_at"]))
            photos.append(stored_in(row))
        columns.add_photos(photos)
        self._counted = rows, last, columns
        return columns

    def count(self, expression: str) -> int:
        """For how many photos an expression holds."""
        return self._collection.count(expression)


EF = 256
"""Neighbours that a search keeps in sight: docs/stores.md has the recall that they give."""

_EF_EXACT = 32_768
_LISTS = 64
_LISTS_EXACT = 1_024


def check_depth(most: int) -> None:
    """Raise QueryError where a page lies deeper than Milvus goes."""
    if most > MOST_HITS:
        raise QueryError(
            f"The photos up to number {most:,} were asked for; in Milvus a search goes to number "
            f"{MOST_HITS:,}. Narrow it down with filters."
        )


def _bounds(number: int, ranges: int) -> str:
    first, end = (f"{each * 2**32 // ranges:08x}" for each in (number, number + 1))
    lower = f' and key >= "{first}"' if number else ""
    return lower + (f' and key < "{end}"' if number + 1 < ranges else "")


def _ranked(ask: Any, most: int) -> list[Scored]:
    """What `ask` finds, asked for more until equal scores are not cut through."""
    limit = min(most + 1, MOST_HITS)
    while True:
        rows = ask(limit)
        scores = [float(row["distance"]) for row in rows]
        is_whole = len(rows) < limit or scores[-1] < scores[min(most, len(rows)) - 1]
        if is_whole or limit == MOST_HITS:
            found = [
                (score, kept_in(row["entity"])) for score, row in zip(scores, rows, strict=True)
            ]
            return sorted(found, key=lambda each: (-each[0], each[1].photo.id))
        limit = min(4 * limit, MOST_HITS)
