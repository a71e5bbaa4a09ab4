"""Everything that a gateway can be asked, as methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from pathlib import Path
from typing import Self

from photoseek.client import asking, asking_runs
from photoseek.client.asking import Order
from photoseek.client.http import Connection
from photoseek.errors import ServiceError
from photoseek.helpers.fingerprints import Fingerprints
from photoseek.indexing.adding import bytes_of
from photoseek.indexing.run_tally import IndexProgress
from photoseek.indexing.source_run import index_source, settings_of_index
from photoseek.records import (
    Embeddings,
    Facets,
    Found,
    IndexReport,
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
from photoseek.settings import RunSettings, load_settings
from photoseek.sources import Source
from photoseek.store import Where
from photoseek.store.fulltext import checked_fields
from photoseek.store.sorting import sort_of


class Client:
    """Talks to one gateway, with the methods of `photoseek.PhotoSearch`; safe in several threads.

    Every method raises ServiceError when the gateway cannot be reached, StoreError (and below)
    when its index cannot be used, and QueryError when it refuses what it was asked.
    """

    def __init__(
        self, url: str, *, api_key: str | None = None, timeout_seconds: float = 600
    ) -> None:
        """`url` is such as http://127.0.0.1:8080; `api_key` the gateway's key, where it has one."""
        self._connection = Connection(url, api_key, timeout_seconds)
        self.url = self._connection.url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def ready(self) -> bool:
        """True when the gateway and everything behind it answer."""
        return self._connection.ready()

    def index(
        self,
        source: str | Path | Source,
        *,
        limit: int | None = None,
        keep: Keep | None = None,
        again: bool | Set[str] = False,
        refresh: bool = False,
        prune: bool = False,
        on_progress: Callable[[IndexProgress], None] = lambda _: None,
        settings: RunSettings | None = None,
    ) -> IndexReport:
        """Bring the gateway's index up to date with a source, as `PhotoSearch.index` does.

        The source is listed here, and the gateway reads its photos at the same places. What is
        listed is noted beside the index. `settings` are by default those of the environment.

        Raises:
            SourceError, ServiceError: the source cannot be used, the index is on another machine.
        """
        location, is_local = self.status().location, self._connection.is_local
        return index_source(
            str(source) if isinstance(source, Path) else source,
            self,
            settings_of_index(location, settings or load_settings(), is_local=is_local),
            limit=limit,
            keep=keep,
            again=again,
            refresh=refresh,
            prunes=prune,
            on_progress=on_progress,
        )

    def index_batch(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
    ) -> list[Outcome]:
        """Index one batch of at most 512 photos in one commit; one outcome per photo, in order.

        `known_hashes` holds, for each photo, the content hash in the index, or "", and `keeps`
        what is to be kept of it: by default thumbnails.
        """
        return self._connection.run(asking_runs.index_batch(photos, known_hashes, keeps))

    def search(
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
        """The photos nearest to a query, as `photoseek.search.grammar` describes it.

        Pictures are given as paths on this machine or bytes. An empty query lists the newest
        photos. `where` holds filters such as "width >= 2000", joined by AND. `hybrid` prefers
        photos whose caption or tags contain the words, `dedupe` takes copies of a photo together.
        `sort` and `after` are as in `PhotoSearch.search`.
        """
        parts = read(query)
        order = Order(sort_of(sort), after)
        asked = asking.search(parts, top_k, offset, where, order, hybrid=hybrid, dedupe=dedupe)
        return self._connection.run(asked)

    def search_all(
        self,
        queries: Sequence[str | Sequence[QueryPart]],
        *,
        top_k: int = 10,
        where: Where = (),
        hybrid: bool = False,
        dedupe: bool = False,
        sort: str | Sort | None = None,
    ) -> list[Found]:
        """The answers to several queries, in order, by few requests; the rest is as in `search`.

        Raises:
            QueryError: one of them makes no sense; it says which.
        """
        parts, order = read_all(queries), Order(sort_of(sort))
        asked = asking.search_all(parts, top_k, where, order, hybrid=hybrid, dedupe=dedupe)
        return self._connection.run(asked)

    def embed(self, inputs: Sequence[Input]) -> Embeddings:
        """The vectors of texts (`str`) and pictures (`bytes` or `Path`), in order.

        Raises:
            QueryError: a text is empty or too long, or a picture cannot be used; it says which.
        """
        return self._connection.run(asking.embed(parts_of(inputs)))

    def similar(
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
        return self.search([part], top_k=top_k, offset=offset, where=where, dedupe=dedupe)

    def facets(self, where: Where = ()) -> Facets:
        """What the photos that satisfy the filters have in common."""
        return self._connection.run(asking.facets(where))

    def add(
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
        description = {
            "caption": caption,
            "tag": list(tags),
            "photographer": photographer,
            "licence": licence,
            "source_url": source_url,
        }
        return self._connection.run(asking.add(bytes_of(picture), description))

    def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        """Forget photos; returns how many were there.

        Those that have not `vanished` from their source stay out of later index runs.
        """
        return self._connection.run(asking_runs.delete(ids, vanished=vanished))

    def photo(self, photo_id: str) -> StoredPhoto:
        """What is known of a photo.

        Raises:
            QueryError: there is none of that id.
        """
        return self._connection.run(asking.photo(photo_id))

    def photos(self, ids: Sequence[str]) -> list[StoredPhoto]:
        """Those of the photos that are stored, in the order of the ids."""
        return self._connection.run(asking.photos(ids))

    def thumbnail(self, photo_id: str) -> bytes:
        """The JPEG bytes of a small picture of it.

        Raises:
            QueryError: none is kept.
        """
        return self._connection.run(asking.pixels(photo_id, "thumbnail"))

    def original(self, photo_id: str) -> bytes:
        """The bytes of the photo itself."""
        return self._connection.run(asking.pixels(photo_id, "original"))

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos, and which were deleted on purpose."""
        return self._connection.run(asking_runs.known(ids))

    def fingerprints(self, most: int, keep: Keep | None = None) -> Fingerprints | None:
        """Those of all photos, or of those of which so much is kept.

        None where the index has more than `most` photos, or is better asked for them by their ids.
        """
        return self._connection.run(asking_runs.fingerprints(most, keep))

    def status(self) -> Status:
        """What the gateway serves."""
        return self._connection.run(asking_runs.status())

    def refresh_words(self) -> int:
        """Nothing: the gateway keeps its index."""
        return 0

    def use_keyword_fields(self, names: Sequence[str]) -> int:
        """See that a hybrid search finds the words of these fields, as the gateway decides.

        Raises:
            SettingsError: one of the fields has no words.
            ServiceError: it finds those of others.
        """
        wanted, found = checked_fields(names), self.status().keyword_fields
        if set(wanted) != set(found):
            has, asked = (", ".join(("captions", "tags", *each)) for each in (found, wanted))
            told = f"The gateway at {self.url} finds the words of {has}, and not of {asked}."
            raise ServiceError(f"{told} Start it with these --keyword-fields, or leave them out.")
        return 0

    def maintain(self) -> None:
        """Compact the index and bring its ANN part up to date."""
        self._connection.run(asking_runs.maintain())
