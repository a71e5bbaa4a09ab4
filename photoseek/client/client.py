"""Everything that a gateway can be asked, as methods."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import quote

from photoseek.client import from_json as answers
from photoseek.client.http import Connection
from photoseek.errors import QueryError
from photoseek.records import (
    DELETED,
    Facets,
    Found,
    Keep,
    KnownPhoto,
    Outcome,
    Photo,
    Status,
    StoredPhoto,
)
from photoseek.search.grammar import QueryPart, parse_query


class Client:
    """Talks to one gateway; safe to use from several threads.

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

    def status(self) -> Status:
        """What the gateway serves."""
        [answer] = self._connection.post("/status", [{}])
        return Status(**{name: answer[name] for name in Status.__dataclass_fields__})

    def search(
        self,
        query: str | Sequence[QueryPart],
        *,
        top_k: int = 10,
        offset: int = 0,
        where: Sequence[str] = (),
        hybrid: bool = False,
        dedupe: bool = False,
    ) -> Found:
        """The photos nearest to a query, as `photoseek.search.grammar` describes it.

        Pictures are given as bytes. An empty query lists the newest photos. `where` holds filters
        such as "width >= 2000", joined by AND. `hybrid` prefers photos whose caption or tags
        contain the words, `dedupe` takes copies of a photo together.
        """
        parts = parse_query(query) if isinstance(query, str) else query
        asked = {
            "query": [_part_json(part) for part in parts],
            "filter": {"where": list(where)},
            "limit": top_k,
            "offset": offset,
            "mode": "hybrid" if hybrid else "meaning",
            "dedupe": dedupe,
        }
        return answers.found(self._connection.send("POST", "/api/search", json=asked).json())

    def photo(self, photo_id: str) -> StoredPhoto:
        """What is known of a photo."""
        return answers.stored(self._connection.send("GET", _path(photo_id)).json())

    def thumbnail(self, photo_id: str) -> bytes:
        """The JPEG bytes of a small picture of it."""
        return self._connection.send("GET", f"{_path(photo_id)}/thumbnail").content

    def original(self, photo_id: str) -> bytes:
        """The bytes of the photo itself."""
        return self._connection.send("GET", f"{_path(photo_id)}/original").content

    def upload(
        self,
        data: bytes,
        *,
        caption: str = "",
        tags: Sequence[str] = (),
        photographer: str = "",
        licence: str = "",
        source_url: str = "",
    ) -> StoredPhoto:
        """Hand in a photo, which can be found at once.

        Raises DuplicatePhotoError, with the id, for one that is in the index already.
        """
        description = {
            "caption": caption,
            "tags": ",".join(tags),
            "photographer": photographer,
            "licence": licence,
            "source_url": source_url,
        }
        answer = self._connection.send(
            "POST", "/api/photos", files={"file": ("photo", data)}, data=description
        )
        return answers.stored(answer.json())

    def facets(self, where: Sequence[str] = ()) -> Facets:
        """What the photos that satisfy the filters have in common."""
        answer = self._connection.send("GET", "/api/facets", params={"where": list(where)})
        return answers.facets(answer.json())

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos, at most 10,000, and which were deleted."""
        [answer] = self._connection.post("/known", [{"ids": list(ids)}])
        states = map(KnownPhoto, answer["fingerprints"], answer["hashes"], answer["keeps"])
        stored = dict(zip(answer["ids"], states, strict=True))
        return stored | dict.fromkeys(answer.get("deleted", ()), DELETED)

    def index_batch(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
    ) -> list[Outcome]:
        """Index one batch of at most 512 photos in one commit; one outcome per photo, in order.

        `keeps` says what is kept of each photo: by default thumbnails.
        """
        keeps = keeps or ["thumbnail"] * len(photos)
        docs = [
            answers.photo_json(photo, known) | {"keep": keep}
            for photo, known, keep in zip(photos, known_hashes, keeps, strict=True)
        ]
        outcomes = self._connection.post("/index", docs)
        return [Outcome(a["uri"], a["outcome"], a["error"]) for a in outcomes]

    def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        """Forget photos; returns how many were there.

        Those that have not `vanished` from their source stay out of later index runs.
        """
        asked = {"ids": list(ids), "vanished": vanished}
        [answer] = self._connection.post("/delete", [asked])
        return int(answer["count"])

    def maintain(self) -> None:
        """Compact the index and bring its ANN part up to date."""
        self._connection.post("/maintain", [{}])


def _path(photo_id: str) -> str:
    return f"/api/photos/{quote(photo_id, safe='')}"


def _part_json(part: QueryPart) -> dict[str, Any]:
    value = part.value
    if part.kind == "image" and isinstance(value, str):
        raise QueryError(f"The picture {value} is a path. Read the file and give its bytes.")
    return {
        part.kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value,
        "weight": part.weight,
    }
