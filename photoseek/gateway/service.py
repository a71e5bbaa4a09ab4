"""What the routes of the API ask for: the product, as methods that are awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from photoseek.errors import PhotoseekError, SlowAnswerError
from photoseek.files.names import Opened
from photoseek.gateway.problems import no_answer_in
from photoseek.helpers.deadlines import within
from photoseek.helpers.fingerprints import FingerprintPage
from photoseek.records import (
    Embeddings,
    Facets,
    Filter,
    Found,
    Keep,
    KnownPhoto,
    Outcome,
    Photo,
    Sort,
    Status,
    StoredPhoto,
)
from photoseek.search.grammar import QueryPart

VERSION_SHARE = 0.2
"""Of the time of a search, what it may take to tell the version of the index."""


def version_in_time(ask: Callable[[], str], seconds: float) -> str:
    """The version of an index, for a search that may take that many seconds.

    It is "" where its share of them does not do, or where it cannot be read: who searches then
    hears why.
    """
    try:
        with within(VERSION_SHARE * seconds):
            return ask()
    except PhotoseekError:
        return ""


@asynccontextmanager
async def answered_within(seconds: float) -> AsyncIterator[None]:
    """A block that may take that many seconds.

    Raises:
        SlowAnswerError: it takes longer.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise SlowAnswerError(no_answer_in(seconds)) from error


class Service(Protocol):
    """An index of photos and the model that searches it: a Flow, or a `PhotoSearch` in here.

    What reads answers within PHOTOSEEK_SEARCH_SECONDS, or raises SlowAnswerError or
    SilentStoreError. Changes take as long as they take. Every method raises StoreError (and below)
    where the index cannot be used, and PartDownError while what is behind it is down. The photos
    that it gives have links that a browser can open.
    """

    def tokenizer(self) -> str | None:
        """How texts are read by now (`ModelIdentity`), by the last answer to one; None before."""
        ...

    async def search(
        self,
        parts: Sequence[QueryPart],
        *,
        top_k: int = 10,
        offset: int = 0,
        where: Sequence[Filter] = (),
        hybrid: bool = False,
        dedupe: bool = False,
        sort: Sort | None = None,
        after: str = "",
    ) -> Found:
        """The photos nearest to a query; without parts the newest ones, or those `after` a page.

        With `sort` the good hits, or all photos without parts, come in that order. The answer has
        the version that the index had before, where it has one.

        Raises:
            QueryError: what is asked makes no sense.
        """
        ...

    async def embed(self, parts: Sequence[QueryPart]) -> Embeddings:
        """The vectors of texts and pictures, in order.

        Raises:
            QueryError: one of them cannot be used; it says which.
        """
        ...

    async def facets(self, where: Sequence[Filter] = ()) -> Facets:
        """What the photos that satisfy the filters have in common, with the version of before.

        Raises:
            QueryError: a filter makes no sense.
        """
        ...

    async def photos(
        self, ids: Sequence[str], *, opened: Opened | None = None
    ) -> list[StoredPhoto]:
        """Those of the photos that are in the index, in the order of the ids, with their `keep`.

        `opened` is for photos that are about to be shown or saved: links into S3 say so.
        """
        ...

    async def thumbnail(self, photo_id: str) -> bytes:
        """The JPEG bytes of a small picture of it.

        Raises:
            QueryError: none is kept.
        """
        ...

    async def original(self, photo_id: str) -> bytes:
        """The bytes of a photo whose original is kept.

        Raises:
            QueryError: none is.
        """
        ...

    async def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos, and which were deleted on purpose."""
        ...

    async def fingerprints(
        self, most: int, keep: Keep | None = None, after: str = ""
    ) -> FingerprintPage | None:
        """A page of those that `PhotoSearch.fingerprints` gives, behind that of the page before.

        None where photos are to be asked for by their ids.
        """
        ...

    async def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        """Index photos in one commit; one outcome per photo, in order.

        `known_hashes` are the content hashes that the index has of them, or "".
        """
        ...

    async def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        """Forget photos; gives how many were there.

        Those that have not `vanished` from their source stay out of later indexing runs.
        """
        ...

    async def maintain(self) -> None:
        """Compact the index and bring its ANN part up to date."""
        ...

    async def prepare(self) -> None:
        """Wait until photos can be indexed, also where the model has to be downloaded first.

        Raises:
            ModelError: it cannot be loaded.
        """
        ...

    async def status(self) -> Status:
        """The model and the index. Without a precision the model is not loaded yet."""
        ...

    async def version(self) -> str:
        """What every change of the index changes, as `PhotoStore.version` gives it.

        In a part of the time that a search has: whoever asks may want to search afterwards.
        """
        ...

    async def problem(self) -> str:
        """What keeps the service from being ready, or "". Anybody may ask: it names no places."""
        ...
