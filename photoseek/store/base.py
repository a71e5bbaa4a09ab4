"""The contract of a photo store. One test suite proves it of every engine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from photoseek.errors import StoreError
from photoseek.records import (
    Activity,
    EncodedPhoto,
    Facets,
    Filter,
    Hit,
    IndexStatus,
    ModelIdentity,
    Photo,
    Place,
    ReadText,
    Sort,
    StoredPhoto,
    Vector,
)
from photoseek.store.filters import check, matches
from photoseek.store.kept_pixels import KeptPixels
from photoseek.store.marks import Marks
from photoseek.store.record_json import encoded_of
from photoseek.store.sorting import NEWEST, part_of
from photoseek.store.validation import check_page, with_text


class PhotoStore(KeptPixels):
    """Photos with their vectors, descriptions and thumbnails, all made with one model.

    Every write is one commit: whole or not at all, and seen by the next read of any process.
    A store may be used by many threads. It must not be carried through `os.fork`: open it in
    the process (spawned, not forked) that uses it.

    Every method may raise `StoreError` (the index is gone or damaged), every writing one
    `StoreWriteError` (disk full, read-only, gone); what was there before stays readable.
    """

    marks: Marks = Marks()
    """What tells which photos were written since some moment."""

    @property
    @abstractmethod
    def model(self) -> ModelIdentity:
        """The model that made every vector in here."""

    @abstractmethod
    def upsert(self, photos: Sequence[EncodedPhoto]) -> None:
        """Add photos; one with a stored id replaces it. Of equal ids in one batch the last wins.

        Thumbnails and originals are stored as far as each photo's `keep` says, once for equal
        bytes, and what a photo that is replaced kept goes unless another one keeps it too. An empty
        one is there already. A photo that says when it was indexed is browsed by that.

        Raises:
            StoreError: a vector has the wrong shape, is not finite or is all zeros; nothing of the
                batch is stored then.
        """

    @abstractmethod
    def revise(
        self, ids: Iterable[str], revised: Callable[[StoredPhoto], StoredPhoto | None]
    ) -> int:
        """Give stored photos what is made of each; returns how many were updated.

        None is for one that stays as it is. Bytes, vector and time are as before. What others
        delete or give new bytes meanwhile is left alone. Unknown ids are ignored.
        """

    def describe(self, photos: Sequence[Photo]) -> int:
        """Give stored photos a new description; returns how many were stored and thus updated."""
        batch = {photo.id: photo for photo in photos}
        return self.revise(batch, lambda stored: replace(stored, photo=batch[stored.photo.id]))

    def add_texts(self, texts: Mapping[str, ReadText]) -> int:
        """Give stored photos of the same bytes the text that was read in them; returns how many."""
        return self.revise(texts, lambda stored: with_text(stored, texts))

    @abstractmethod
    def search(
        self,
        vector: Vector,
        top_k: int,
        *,
        where: Sequence[Filter] = (),
        offset: int = 0,
        exact: bool = False,
    ) -> list[Hit]:
        """The photos nearest to a vector: at most `top_k`, after skipping the first `offset`.

        `score` is cosine similarity in [-1, 1], highest first; equal scores are ordered by id.
        `rank` counts from 1 over the whole answer, so the first hit has rank `offset` + 1. Filters
        are joined by AND and decide before the search, so `top_k` hits come back whenever as many
        photos satisfy them all. `exact` compares with every photo, even where an approximate index
        would be faster.

        Raises:
            QueryError: for a wrong shape, a vector that is not finite or all zeros, `top_k` below
                1, `offset` below 0, and filters that make no sense.
        """

    @abstractmethod
    def keywords(self, text: str, top_k: int, *, where: Sequence[Filter] = ()) -> list[StoredPhoto]:
        """The photos whose fields with keywords have any word of a text, by BM25, best first.

        Case and accents do not matter, nor does the order of words, and nothing in the text is an
        operator. Photos of equal relevance are ordered by id. An engine may take words of one stem
        for the same and leave out the commonest words of a language.

        Raises:
            QueryError: as `search` does.
        """

    @property
    def keyword_fields(self) -> tuple[str, ...]:
        """The fields whose words `keywords` finds beside those that it always does."""
        return ()

    def use_keyword_fields(self, names: Sequence[str]) -> int:
        """Let `keywords` find the words of these fields too, whoever writes; the last call counts.

        `names` are as `photoseek.store.fulltext.checked_fields` gives them. Photos that are stored
        already are brought up to date: that many are returned. Cheap where nothing changes. An
        engine that can find no further words leaves both as they are.
        """
        if tuple(names) != self.keyword_fields:
            raise StoreError(
                f"The index at {self.location} cannot find the words of {', '.join(names)}: its "
                "store does not offer that. Leave --keyword-fields out."
            )
        return 0

    def browse(
        self, top_k: int, *, where: Sequence[Filter] = (), offset: int = 0
    ) -> list[StoredPhoto]:
        """Photos from the one that was indexed last to the first, those of one batch by id.

        At most `top_k`, after skipping the first `offset`; both and filters raise as in `search`.
        """
        return self.listed(NEWEST, top_k, where=where, offset=offset)

    def listed(
        self,
        sort: Sort,
        top_k: int,
        *,
        where: Sequence[Filter] = (),
        offset: int = 0,
        after: Place | None = None,
    ) -> list[StoredPhoto]:
        """Photos in an order, of which `photoseek.store.sorting.NEWEST` is that of `browse`.

        At most `top_k`, after skipping the first `offset`, of those that come `after` a place: so a
        list goes on after its last photo without a gap, whatever is added meanwhile. Photos of
        which nothing is known in that field come last; so do all that an index of an earlier
        version holds where it had no such field. Where an engine has `browse` and leaves this as
        it is, all photos are read and sorted here.

        Raises:
            QueryError: as `search` does, or the index cannot be sorted so.
        """
        check_page(top_k, offset)
        check(where)
        photos = (each for ids in self.ids() for each in self.get(ids).values())
        fit = (each for each in photos if matches(where, each))
        return part_of(sort, fit, top_k, offset, after)

    @abstractmethod
    def facets(self, where: Sequence[Filter] = ()) -> Facets:
        """How many of the photos that satisfy all filters have each value; exact counts.

        `photoseek.store.fields` says which fields are counted, and how many values are given, and
        `photoseek.store.own_columns` which columns of users' own manifests: those that make facets
        of the whole index, whatever the filters are. Labels that differ in case only are one, as
        it is most often written. Empty values do not count.

        Raises:
            QueryError: as `search` does.
        """

    def warm(self) -> None:
        """Read ahead what the first searches and facets would wait for."""
        self.facets()

    def reads(self) -> AbstractContextManager[None]:
        """A block of several reads of this thread, which need not look for what is newer each time.

        They see what was committed before it began, or what is newer. Nothing is written in it.
        """
        return nullcontext()

    def own_columns(self) -> Sequence[str]:
        """Columns of users' own manifests that photos have, those of most photos first.

        At most `photoseek.store.own_columns.MOST_COLUMNS`. An engine that cannot tell cheaply
        leaves this as it is: then `check_names` counts.
        """
        return ()

    @abstractmethod
    def sample(self, count: int) -> NDArray[np.float32]:
        """At most `count` vectors from all over the index, shape (n, dimensions).

        They are the same every time while nothing is written.

        Raises:
            QueryError: for a `count` below 1.
        """

    @abstractmethod
    def get(self, ids: Iterable[str]) -> dict[str, StoredPhoto]:
        """Those of the ids that are stored, with everything but vector and pixels.

        Each says what is kept of the latter.
        """

    @abstractmethod
    def vectors(self, ids: Iterable[str]) -> dict[str, Vector]:
        """The vectors of those ids that are stored, as they were given, shape (dimensions,)."""

    def ids(self) -> Iterator[list[str]]:
        """The ids of all photos, some thousand at a time, in any order and in little memory.

        What is written meanwhile may be missing or come twice.
        """
        offset = 0
        while page := self.browse(1_000, offset=offset):
            yield [stored.photo.id for stored in page]
            offset += len(page)

    def encoded(self, ids: Iterable[str]) -> dict[str, EncodedPhoto]:
        """Those that are stored, as `upsert` takes them, with times where known; no blobs."""
        stored = self.get(ids)
        vectors = self.vectors(stored)  # of one that is deleted meanwhile there is none
        return {key: encoded_of(stored[key], vector) for key, vector in vectors.items()}

    @abstractmethod
    def delete(self, ids: Iterable[str]) -> int:
        """Remove photos; returns how many were stored. What is kept goes with its last photo."""

    @abstractmethod
    def count(self, where: Sequence[Filter] = ()) -> int:
        """How many photos satisfy all filters; they raise as in `search`."""

    @abstractmethod
    def size(self) -> int:
        """The bytes that the index takes, blobs included: a second for 100,000 photos."""

    def version(self) -> str:
        """What every write changes, whoever writes; "" where the engine cannot tell cheaply.

        No two indexes have the same one. What is read later is of this version or of a later one.
        """
        return ""

    def stands(self) -> bool:
        """Whether the location leads to this index still, and not to one of another model.

        Where it does not, what writes raises `IndexSwitchedError`, also after its commit: then it
        is to be done again in the index that is there now.
        """
        return True

    def catch_up(self) -> None:
        """See from now on all that anybody has written so far."""

    def maintain(self) -> None:
        """Keep searching fast: join small files, drop old versions, bring indexes up to date.

        Cheap when nothing is due, so call it after every run and every few commits. Readers
        and writers go on meanwhile. An engine that needs no such thing leaves this as it is.
        """

    def activity(self) -> Activity:
        """What goes on in the index and what is due, as far as that is known."""
        return Activity()

    @property
    def ann(self) -> bool:
        """Whether searches go through an approximate index."""
        return False

    def status(self) -> IndexStatus:
        """What the index holds and how it answers; cheap enough for a health check."""
        return IndexStatus(self.location, self.model, self.count(), self.ann, self.keyword_fields)
