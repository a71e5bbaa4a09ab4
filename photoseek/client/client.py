"""Everything that a gateway can be asked, as methods."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote

from photoseek.client import from_json as answers
from photoseek.client.http import Connection
from photoseek.description_limits import MAX_IDS, MAX_TOP_K
from photoseek.errors import PhotoError, QueryError, ServiceError
from photoseek.indexing.adding import bytes_of
from photoseek.indexing.run import IndexProgress
from photoseek.indexing.source_run import index_source, settings_of_index
from photoseek.records import (
    Facets,
    Found,
    IndexReport,
    Keep,
    KnownPhoto,
    Outcome,
    Photo,
    Status,
    StoredPhoto,
)
from photoseek.search.grammar import QueryPart, parse_query, with_pictures
from photoseek.settings import RunSettings, load_settings
from photoseek.sources import Source
from photoseek.store import Where, filters_of
from photoseek.store.filters import filter_to_json
from photoseek.store.fulltext import checked_fields

T = TypeVar("T")


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
        keeps = keeps or ["thumbnail"] * len(photos)
        batch = [
            answers.photo_json(photo, known) | {"keep": keep}
            for photo, known, keep in zip(photos, known_hashes, keeps, strict=True)
        ]
        answer = self._post("/api/index/photos", {"photos": batch})
        return [Outcome(a["uri"], a["outcome"], a["error"]) for a in answer["outcomes"]]

    def search(
        self,
        query: str | Sequence[QueryPart] = "",
        *,
        top_k: int = 10,
        offset: int = 0,
        where: Where = (),
        hybrid: bool = False,
        dedupe: bool = False,
    ) -> Found:
        """The photos nearest to a query, as `photoseek.search.grammar` describes it.

        Pictures are given as paths on this machine or bytes. An empty query lists the newest
        photos. `where` holds filters such as "width >= 2000", joined by AND. `hybrid` prefers
        photos whose caption or tags contain the words, `dedupe` takes copies of a photo together.
        """
        parts = with_pictures(parse_query(query) if isinstance(query, str) else query)
        asked = {
            "query": [_part_json(part) for part in parts],
            "filter": {"where": _texts(where)},
            "limit": top_k,
            "offset": offset,
            "mode": "hybrid" if hybrid else "meaning",
            "dedupe": dedupe,
        }
        return answers.found(self._post("/api/search", asked))

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
        answer = self._connection.send("GET", "/api/facets", params={"where": _texts(where)})
        return answers.facets(answer.json())

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
        files = {"file": ("photo", bytes_of(picture))}
        try:
            answer = self._connection.send("POST", "/api/photos", files=files, data=description)
        except QueryError as error:  # what is wrong with what was sent is wrong with the photo
            raise PhotoError(str(error)) from error
        return answers.stored(answer.json())

    def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        """Forget photos; returns how many were there.

        Those that have not `vanished` from their source stay out of later index runs.
        """
        deleted = 0
        for some in _chunks(list(dict.fromkeys(ids)), MAX_IDS):
            answer = self._post("/api/index/delete", {"ids": some, "vanished": vanished})
            deleted += int(answer["deleted"])
        return deleted

    def photo(self, photo_id: str) -> StoredPhoto:
        """What is known of a photo.

        Raises:
            QueryError: there is none of that id.
        """
        return answers.stored(self._connection.send("GET", _path(photo_id)).json())

    def photos(self, ids: Sequence[str]) -> list[StoredPhoto]:
        """Those of the photos that are stored, in the order of the ids."""
        stored: dict[str, StoredPhoto] = {}
        for some in _chunks(list(dict.fromkeys(ids)), MAX_TOP_K):
            found = self.search(where=f"id in {json.dumps(some)}", top_k=len(some))
            stored |= {hit.stored.photo.id: hit.stored for hit in found.hits}
        return [stored[photo_id] for photo_id in ids if photo_id in stored]

    def thumbnail(self, photo_id: str) -> bytes:
        """The JPEG bytes of a small picture of it.

        Raises:
            QueryError: none is kept.
        """
        return self._connection.send("GET", f"{_path(photo_id)}/thumbnail").content

    def original(self, photo_id: str) -> bytes:
        """The bytes of the photo itself."""
        return self._connection.send("GET", f"{_path(photo_id)}/original").content

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos, and which were deleted on purpose."""
        known: dict[str, KnownPhoto] = {}
        for some in _chunks(ids, MAX_IDS):
            answer = self._post("/api/index/known", {"ids": list(some)})
            known |= {key: KnownPhoto(**state) for key, state in answer["photos"].items()}
        return known

    def status(self) -> Status:
        """What the gateway serves."""
        answer = self._connection.send("GET", "/api/index").json()
        fields = Status.__dataclass_fields__.keys() & answer.keys()
        status = Status(**{name: answer[name] for name in fields})
        return replace(status, keyword_fields=tuple(status.keyword_fields))

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
        self._connection.send("POST", "/api/index/maintain")

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._connection.send("POST", path, json=body).json()


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _texts(where: Where) -> list[str]:
    """Filters as an address holds them."""
    return [json.dumps(filter_to_json(each)) for each in filters_of(where)]


def _path(photo_id: str) -> str:
    return f"/api/photos/{quote(photo_id, safe='')}"


def _part_json(part: QueryPart) -> dict[str, Any]:
    value = part.value
    return {
        part.kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value,
        "weight": part.weight,
    }
