"""What a gateway can be asked, as methods that are awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from photoseek.client import asking, asking_runs
from photoseek.client.asking import Order
from photoseek.client.async_http import AsyncConnection
from photoseek.indexing.adding import bytes_of
from photoseek.records import (
    Embeddings,
    Facets,
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
from photoseek.search.inputs import Input, parts_of, read, read_all
from photoseek.store import Where
from photoseek.store.sorting import sort_of


class AsyncClient:
    """Talks to one gateway from one event loop, with the methods of `photoseek.Client`.

    Files are read in threads. A run over a source, `Client.index`, is work of minutes that lists
    folders and buckets: it is not here, and `asyncio.to_thread(client.index, ...)` awaits it.
    Errors are those of `Client`.
    """

    def __init__(
        self, url: str, *, api_key: str | None = None, timeout_seconds: float = 600
    ) -> None:
        """`url` is such as http://127.0.0.1:8080; `api_key` the gateway's key, where it has one."""
        self._connection = AsyncConnection(url, api_key, timeout_seconds)
        self.url = self._connection.url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    async def ready(self) -> bool:
        """True when the gateway and everything behind it answer."""
        return await self._connection.ready()

    async def search(
        self,
        query: str | Sequence[QueryPart] = "",
        *,
        top_k: int = 10,
        offset: int = 0,
        where: Where = (),
        hybrid: bool = False,
        dedupe: bool = False,
        sort: str | Sort | None = None,
        after: str = "",
    ) -> Found:
        """The photos nearest to a query, as `Client.search` gives them."""
        parts = await asyncio.to_thread(read, query)
        order = Order(sort_of(sort), after)
        asked = asking.search(parts, top_k, offset, where, order, hybrid=hybrid, dedupe=dedupe)
        return await self._connection.run(asked)

    async def search_all(
        self,
        queries: Sequence[str | Sequence[QueryPart]],
        *,
        top_k: int = 10,
        where: Where = (),
        hybrid: bool = False,
        dedupe: bool = False,
        sort: str | Sort | None = None,
    ) -> list[Found]:
        """The answers to several queries, in order, by few requests.

        Raises:
            QueryError: one of them makes no sense; it says which.
        """
        parts = await asyncio.to_thread(read_all, queries)
        order = Order(sort_of(sort))
        asked = asking.search_all(parts, top_k, where, order, hybrid=hybrid, dedupe=dedupe)
        return await self._connection.run(asked)

    async def similar(
        self,
        photo_id: str,
        *,
        top_k: int = 10,
        offset: int = 0,
        where: Where = (),
        dedupe: bool = False,
    ) -> Found:
        """The photos nearest to one of the index.

        Raises:
            QueryError: there is none.
        """
        part = QueryPart.of(id=photo_id)
        return await self.search([part], top_k=top_k, offset=offset, where=where, dedupe=dedupe)

    async def embed(self, inputs: Sequence[Input]) -> Embeddings:
        """The vectors of texts (`str`) and pictures (`bytes` or `Path`), in order.

        Raises:
            QueryError: a text is empty or too long, or a picture cannot be used; it says which.
        """
        parts = await asyncio.to_thread(parts_of, inputs)
        return await self._connection.run(asking.embed(parts))

    async def facets(self, where: Where = ()) -> Facets:
        """What the photos that satisfy the filters have in common."""
        return await self._connection.run(asking.facets(where))

    async def add(
        self,
        picture: bytes | Path,
        *,
        caption: str = "",
        tags: Sequence[str] = (),
        photographer: str = "",
        licence: str = "",
        source_url: str = "",
    ) -> StoredPhoto:
        """Hand in a photo, which can be found at once.

        Raises:
            DuplicatePhotoError: the index has it already; the error says its id.
            PhotoError: it is no photo that can be used.
        """
        data = await asyncio.to_thread(bytes_of, picture)
        description = {
            "caption": caption,
            "tag": list(tags),
            "photographer": photographer,
            "licence": licence,
            "source_url": source_url,
        }
        return await self._connection.run(asking.add(data, description))

    async def index_batch(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
    ) -> list[Outcome]:
        """Index one batch of at most 512 photos in one commit, as `Client.index_batch` does."""
        return await self._connection.run(asking_runs.index_batch(photos, known_hashes, keeps))

    async def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        """Forget photos; returns how many were there.

        Those that have not `vanished` from their source stay out of later index runs.
        """
        return await self._connection.run(asking_runs.delete(ids, vanished=vanished))

    async def photo(self, photo_id: str) -> StoredPhoto:
        """What is known of a photo.

        Raises:
            QueryError: there is none of that id.
        """
        return await self._connection.run(asking.photo(photo_id))

    async def photos(self, ids: Sequence[str]) -> list[StoredPhoto]:
        """Those of the photos that are stored, in the order of the ids."""
        return await self._connection.run(asking.photos(ids))

    async def thumbnail(self, photo_id: str) -> bytes:
        """The JPEG bytes of a small picture of it.

        Raises:
            QueryError: none is kept.
        """
        return await self._connection.run(asking.pixels(photo_id, "thumbnail"))

    async def original(self, photo_id: str) -> bytes:
        """The bytes of the photo itself."""
        return await self._connection.run(asking.pixels(photo_id, "original"))

    async def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos, and which were deleted on purpose."""
        return await self._connection.run(asking_runs.known(ids))

    async def status(self) -> Status:
        """What the gateway serves."""
        return await self._connection.run(asking_runs.status())

    async def maintain(self) -> None:
        """Compact the index and bring its ANN part up to date."""
        await self._connection.run(asking_runs.maintain())
