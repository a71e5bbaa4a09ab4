"""The product behind the gateway's routes, in this very process: a `PhotoSearch` in threads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TypeVar

from typing_extensions import override

from photoseek.engine import PhotoSearch
from photoseek.errors import PhotoseekError
from photoseek.files.names import Opened
from photoseek.gateway.problems import NO_INDEX, what_ails
from photoseek.gateway.service import VERSION_SHARE, Service, answered_within, version_in_time
from photoseek.helpers.deadlines import in_background, within
from photoseek.helpers.fingerprints import FingerprintPage
from photoseek.helpers.query_threads import DISK_THREADS, THREADS, QueryThreads
from photoseek.indexing.building import build_encoder
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.local_photos import with_model_of_index
from photoseek.indexing.recurring import EVERY_SECONDS, Recurring
from photoseek.plain_towers.model_files import waits_for_download
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
from photoseek.search.query_encoder import photos_pause
from photoseek.settings import LibrarySettings
from photoseek.sharing import SharedState, SharedTexts
from photoseek.store import is_folder

_log = logging.getLogger(__name__)

T = TypeVar("T")
Versioned = TypeVar("Versioned", Found, Facets)

INDEX_SHARE = 0.9
"""Of the time that something has in all, what the index has: then the reason still arrives."""

FIRST_SEARCH = "photo"

CLOSE_SECONDS = 5.0
"""How long the end waits for a model that is being loaded."""

KNOWN_SECONDS = 60.0
"""How long what prepares a change may wait for the index."""


class InProcessService(Service):
    """Asks a `PhotoSearch` in threads, of which those for searches do nothing else.

    So a search never waits behind the photos that are being indexed, and the texts of searches
    that come at the same time go through the model together.
    """

    def __init__(
        self,
        search: PhotoSearch,
        texts: SharedTexts | None = None,
        upkeep_every: float = EVERY_SECONDS,
    ) -> None:
        """The index is put in order each `upkeep_every` seconds, where anything is due."""
        settings = search.settings
        self._search = search
        self._texts = texts
        self._seconds = settings.search_seconds
        self._original_seconds = settings.original_seconds
        self._queries = QueryThreads(DISK_THREADS if is_folder(settings.index) else THREADS)
        self._upkeep_every = upkeep_every
        self._tokenizer: str | None = None
        self._recurring = [Recurring(search.maintain, "upkeep", upkeep_every)]

    @classmethod
    def of(cls, settings: LibrarySettings, state: SharedState | None = None) -> InProcessService:
        """The service over the index of the settings. Nothing is opened or loaded yet.

        It shares embeddings of texts with others by `state`, where that is shared at all.
        """
        texts = SharedTexts(state) if state and state.health() else None
        load_encoder = partial(_encoder_for_clients, texts=texts)
        return cls(PhotoSearch(settings, load_encoder=load_encoder), texts)

    def load(self) -> None:
        """Open the index and load what answers a text now, rather than at the first search.

        A model that has to be downloaded waits where there are no photos yet: so the page opens at
        once, and says what the first photo waits for.

        Raises:
            StoreError: the index cannot be read.
            ModelError: the model cannot be loaded.
        """
        if not self._waits_for_photos():
            self._search.load(for_texts=True)
            with suppress(PhotoseekError):  # who asks is told
                # What the first search loads would wait for the rest of the model.
                self._tokenizer = self._search.search(FIRST_SEARCH, top_k=1).tokenizer

    def load_the_rest(self) -> None:
        """Begin to load what photos need, in the background: for when requests are answered.

        It takes longer than all before it, and would have that wait. An index in a folder is
        read ahead: to read all of a bucket has a price, and an engine sees to itself.
        """
        in_background(self._load_the_rest, "model")
        if is_folder(self._search.settings.index):
            ahead = Recurring(self._search.warm, "reading ahead", self._upkeep_every, ahead=True)
            self._recurring.append(ahead)

    def close(self) -> None:
        """Stop the threads. A model that is being downloaded is waited for a little only."""
        for each in self._recurring:
            each.close()
        self._queries.close()
        with suppress(TimeoutError):
            in_background(self._search.close, "close").result(CLOSE_SECONDS)

    @override
    def tokenizer(self) -> str | None:
        return self._tokenizer

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
        sort: Sort | None = None,
        after: str = "",
    ) -> Found:
        if self._texts:
            self._texts.begin()
        search = partial(
            self._search.search,
            parts,
            top_k=top_k,
            offset=offset,
            where=where,
            hybrid=hybrid,
            dedupe=dedupe,
            sort=sort,
            after=after,
        )
        with photos_pause(parts):
            found = await self._read(lambda: self._versioned(search))
        if any(part.kind == "text" for part in parts) and found.tokenizer is not None:
            self._tokenizer = found.tokenizer
        return found

    @override
    async def embed(self, parts: Sequence[QueryPart]) -> Embeddings:
        if self._texts:
            self._texts.begin()
        return await self._read(partial(self._search.embed_parts, parts))

    @override
    async def facets(self, where: Sequence[Filter] = ()) -> Facets:
        return await self._read(lambda: self._versioned(partial(self._search.facets, where)))

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
    async def fingerprints(
        self, most: int, keep: Keep | None = None, after: str = ""
    ) -> FingerprintPage | None:
        def page() -> FingerprintPage | None:
            stored = self._search.fingerprints(most, keep)
            return None if stored is None else stored.page(after)

        with within(KNOWN_SECONDS):
            return await self._in_query_thread(page)

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
    async def prepare(self) -> None:
        await asyncio.wrap_future(in_background(self._search.load, "model"))

    @override
    async def status(self) -> Status:
        return await self._read(self._search.status)

    @override
    async def version(self) -> str:
        return await self._read(self._search.version, VERSION_SHARE * self._seconds)

    @override
    async def problem(self) -> str:
        try:
            return NO_INDEX if (await self.status()).problem else ""
        except PhotoseekError as error:
            return what_ails(error)

    def _waits_for_photos(self) -> bool:
        status = self._search.status()
        return not (status.photos or status.problem) and waits_for_download(status.model)

    def _load_the_rest(self) -> None:
        try:
            if not self._waits_for_photos():
                self._search.load()
        except PhotoseekError as error:  # whoever needs it tries again, and is told
            _log.error("Photos cannot be encoded: %s", error)

    def _versioned(self, ask: Callable[[], Versioned]) -> Versioned:
        version = version_in_time(self._search.version, self._seconds)
        return replace(ask(), version=version)

    async def _read(self, ask: Callable[[], T], seconds: float | None = None) -> T:
        """What is read, in a query's thread and within `seconds` or the time of a search."""
        seconds = seconds or self._seconds
        async with answered_within(seconds):
            with within(INDEX_SHARE * seconds):
                return await self._in_query_thread(ask)

    async def _in_query_thread(self, ask: Callable[[], T]) -> T:
        answers: list[T] = await self._queries.map(lambda call: call(), [ask])
        return answers[0]


def _encoder_for_clients(
    settings: LibrarySettings, texts: SharedTexts | None = None
) -> PhotoEncoder:
    """An encoder that reads photos for whoever reaches the gateway."""
    chosen, made_with = with_model_of_index(settings)
    roots = settings.readable_roots
    return build_encoder(
        chosen, roots=roots, on_demand=True, index=made_with, texts=texts, gives_way=True
    )
