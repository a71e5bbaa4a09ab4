"""The product behind the gateway's routes, in this very process: a `PhotoSearch` in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from typing_extensions import override

from photoseek.engine import PhotoSearch
from photoseek.errors import PhotoseekError, SlowAnswerError
from photoseek.files.names import Opened
from photoseek.gateway.problems import NO_INDEX, no_answer_in, what_ails
from photoseek.gateway.service import Service
from photoseek.helpers.deadlines import within
from photoseek.helpers.query_threads import DISK_THREADS, THREADS, QueryThreads
from photoseek.indexing.encoding import PhotoEncoder, build_encoder
from photoseek.indexing.local_photos import model_of_index
from photoseek.records import (
    Facets,
    Filter,
    Found,
    Keep,
    KnownPhoto,
    Outcome,
    Photo,
    Status,
    StoredPhoto,
)
from photoseek.search.grammar import QueryPart
from photoseek.settings import Settings

T = TypeVar("T")

INDEX_SHARE = 0.9
"""Of the time that something has in all, what the index has: then the reason still arrives."""

KNOWN_SECONDS = 60.0
"""How long what prepares a change may wait for the index."""


class InProcessService(Service):
    """Asks a `PhotoSearch` in threads, of which those for searches do nothing else.

    So a search never waits behind the photos that are being indexed, and the texts of searches
    that come at the same time go through the model together.
    """

    def __init__(self, search: PhotoSearch) -> None:
        settings = search.settings
        self._search = search
        self._seconds = settings.search_seconds
        self._original_seconds = settings.original_seconds
        in_bucket = "://" in settings.index  # there nothing waits in threads
        self._queries = QueryThreads(THREADS if in_bucket else DISK_THREADS)

    @classmethod
    def of(cls, settings: Settings) -> InProcessService:
        """The service over the index of the settings. Nothing is opened or loaded yet."""
        return cls(PhotoSearch(settings, load_encoder=_encoder_for_clients))

    def load(self) -> None:
        """Open the index and load the model now, rather than at the first search.

        Raises:
            StoreError: the index cannot be read.
            ModelError: the model cannot be loaded.
        """
        self._search.load()

    def close(self) -> None:
        """Stop the threads."""
        self._queries.close()
        self._search.close()

    @override
    async def search(
        self,
        parts: Sequence[QueryPart],
        *,
        top_k: int = 10,
        offset: int = 0,
        where: Sequence[Filter] = (),
        hybrid: bool = False,
        dedupe: bool = False,
    ) -> Found:
        asked = partial(
            self._search.search,
            parts,
            top_k=top_k,
            offset=offset,
            where=where,
            hybrid=hybrid,
            dedupe=dedupe,
        )
        return await self._read(asked)

    @override
    async def facets(self, where: Sequence[Filter] = ()) -> Facets:
        return await self._read(partial(self._search.facets, where))

    @override
    async def photos(
        self, ids: Sequence[str], *, opened: Opened | None = None
    ) -> list[StoredPhoto]:
        return await self._read(partial(self._search.photos, ids, opened=opened))

    @override
    async def thumbnail(self, photo_id: str) -> bytes:
        return await self._read(partial(self._search.thumbnail, photo_id))

    @override
    async def original(self, photo_id: str) -> bytes:
        asked = partial(self._search.original, photo_id)
        return await self._read(asked, self._original_seconds)

    @override
    async def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        with within(KNOWN_SECONDS):
            return await self._in_query_thread(partial(self._search.known, ids))

    @override
    async def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        return await asyncio.to_thread(self._search.index_batch, photos, known_hashes, keeps)

    @override
    async def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        return await asyncio.to_thread(self._search.delete, ids, vanished=vanished)

    @override
    async def maintain(self) -> None:
        await asyncio.to_thread(self._search.maintain)

    @override
    async def status(self) -> Status:
        return await self._read(self._search.status)

    @override
    async def problem(self) -> str:
        try:
            return NO_INDEX if (await self.status()).problem else ""
        except PhotoseekError as error:
            return what_ails(error)

    async def _read(self, ask: Callable[[], T], seconds: float | None = None) -> T:
        """What is read, in a query's thread and within `seconds` or the time of a search."""
        seconds = seconds or self._seconds
        try:
            async with asyncio.timeout(seconds):
                with within(INDEX_SHARE * seconds):
                    return await self._in_query_thread(ask)
        except TimeoutError as error:
            raise SlowAnswerError(no_answer_in(seconds)) from error

    async def _in_query_thread(self, ask: Callable[[], T]) -> T:
        answers: list[T] = await self._queries.map(lambda call: call(), [ask])
        return answers[0]


def _encoder_for_clients(settings: Settings) -> PhotoEncoder:
    """An encoder that reads photos for whoever reaches the gateway."""
    model = model_of_index(settings.index, settings.model)
    chosen = settings.model_copy(update={"model": model})
    return build_encoder(chosen, roots=settings.readable_roots)
