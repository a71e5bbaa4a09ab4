"""Searches as frozen records: filters, what is found, and what is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from photoseek.records.photo_records import ModelIdentity, StoredPhoto

Counts: TypeAlias = tuple[tuple[str, int], ...]
"""Values, each with the number of photos that have it: most photos first, and then by value."""


@dataclass(frozen=True, slots=True)
class Facets:
    """How many photos of a set have each value of the fields that are counted.

    `total` counts the photos of the set. `counts` has a member for each facet of which there is
    anything: "tags", "licence", "years" and so on (`photoseek.store.fields`). `version` is that of
    the index before it was counted, where somebody wants to keep the answer, and else "".
    """

    total: int = 0
    counts: Mapping[str, Counts] = field(default_factory=dict)
    version: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer to a search. `rank` counts from 1.

    `score` is the cosine similarity in [-1, 1]; larger is closer. `duplicates` are copies of it
    that rank lower, where copies are taken together. `lines_found` are those lines of the text in
    the picture that have a word of the query, where words are looked for.
    """

    rank: int
    score: float
    stored: StoredPhoto
    duplicates: tuple[StoredPhoto, ...] = ()
    lines_found: tuple[str, ...] = ()

    @property
    def link(self) -> str:
        """A URL that a browser can open, or ""."""
        return self.stored.link


Confidence = Literal["high", "medium", "low"]
"""Whether the best photos found stand out from the library."""


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of photos by a field: the latest or largest first, or else `ascending`.

    Photos of which nothing is known there come last, and equal ones are ordered by id.
    `photoseek.store.sorting` has the fields that can be sorted by.
    """

    field: str
    ascending: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a photo in such an order: its value in the field, as it is sorted, and its id.

    A value that is not known is "" or 0.
    """

    value: str | int
    id: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of photos, best first; without a query the newest ones, whose scores are 0.

    `query` is the query as it was understood, in words that find the same again. `total` photos
    satisfy the filters. `confidence` comes with the first page only. `next_offset` is where the
    next page begins, or None at the end; of a list without a query `next_after` leads there too,
    whatever is added meanwhile, and is "" at the end. `tokens` run in step with the parts of the
    query: the embedding of a picture as text (`photoseek.search.tokens`), and "" for other parts.
    The seconds say how long it took to encode the query and to search the index. `is_of_before`
    says that the index has been switched to another model, and that the one of before has answered.
    `version` is that of the index before it was searched, as with `Facets`. `tokenizer` tells how
    the texts of the query were read (`ModelIdentity`), and is None where nobody says.
    """

    hits: tuple[Hit, ...] = ()
    query: str = ""
    total: int = 0
    confidence: Confidence | None = None
    next_offset: int | None = None
    next_after: str = ""
    tokens: tuple[str, ...] = field(default=(), compare=False)
    encode_seconds: float = field(default=0.0, compare=False)
    search_seconds: float = field(default=0.0, compare=False)
    is_of_before: bool = field(default=False, compare=False)
    version: str = field(default="", compare=False)
    tokenizer: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """What a model makes of texts and pictures: unit vectors, shape (inputs, dimensions)."""

    vectors: NDArray[np.float32]
    model: ModelIdentity


Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a field, such as licence = CC0-1.0 or width >= 2000.

    On labels (tags, colours), "=" means that the photo has that one. "in" takes several values, of
    which one has to fit. `photoseek.store.fields` lists the fields.
    """

    field: str
    operator: Operator
    value: str | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """A filter that holds where all of these hold."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A filter that holds where one of these holds."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A filter that holds where this one does not."""

    filter: Filter


Filter: TypeAlias = Condition | AllOf | AnyOf | Not
"""Which photos are meant. Where several are given, all have to hold."""
