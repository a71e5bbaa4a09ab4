"""A typed client for the gateway's HTTP side. Imports neither Jina nor torch."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from photoseek.errors import (
    ModelMismatchError,
    PhotoseekError,
    QueryError,
    ServiceError,
    StoreWriteError,
)
from photoseek.records import Hit, Keep, KnownPhoto, Photo, StoredPhoto

PATIENCE = 5
"""How often a request is sent again to a gateway that asks to wait."""

DESCRIPTION = ("id", "uri", "caption", "photographer", "licence", "source_url", "metadata")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one photo; `error` is the reason when it was skipped."""

    uri: str
    outcome: Literal["indexed", "updated", "skipped"]
    error: str


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """What a gateway serves."""

    model: str
    dimensions: int
    precision: str
    device: str
    location: str
    photos: int
    ann: bool


class Client:
    """Talks to one gateway; safe to use from several threads.

    Every method raises ServiceError when the gateway cannot be reached, StoreError (and below)
    when its index cannot be used, and QueryError when it refuses what it was asked.
    """

    def __init__(
        self, url: str, *, api_key: str | None = None, timeout_seconds: float = 600
    ) -> None:
        """`url` is such as http://127.0.0.1:8080; `api_key` the gateway's key, where it has one."""
        self.url = url.rstrip("/")
        timeout = httpx.Timeout(timeout_seconds, connect=5)
        headers = {"X-API-Key": api_key} if api_key else {}
        self._http = httpx.Client(
            base_url=self.url, headers=headers, timeout=timeout, trust_env=False
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ready(self) -> bool:
        """True when the gateway and everything behind it answer."""
        try:
            return self._http.get("/readyz", timeout=5).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def status(self) -> ServiceStatus:
        """What the gateway serves."""
        [answer] = self._post("/status", [{}])
        fields = {name: answer[name] for name in ServiceStatus.__dataclass_fields__}
        return ServiceStatus(**fields)

    def search(
        self,
        *,
        text: str | None = None,
        image: bytes | None = None,
        like: str | None = None,
        top_k: int = 10,
        offset: int = 0,
        where: Sequence[str] = (),
    ) -> list[Hit]:
        """The photos nearest to a text, to the bytes of a picture, or to a photo by its id.

        `where` holds filters such as "width >= 2000", joined by AND.
        """
        query = {
            "text": text,
            "image": None if image is None else base64.b64encode(image).decode(),
            "like": like,
            "top_k": top_k,
            "offset": offset,
            "where": list(where),
        }
        [answer] = self._post("/search", [query])
        if answer["error"]:
            raise QueryError(answer["error"])
        return [_hit(hit) for hit in answer["hits"]]

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos, at most 10,000 of them."""
        [answer] = self._post("/known", [{"ids": list(ids)}])
        states = map(KnownPhoto, answer["fingerprints"], answer["hashes"], answer["keeps"])
        return dict(zip(answer["ids"], states, strict=True))

    def index(
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
            _photo_json(photo, known) | {"keep": keep}
            for photo, known, keep in zip(photos, known_hashes, keeps, strict=True)
        ]
        answers = self._post("/index", docs)
        return [Outcome(a["uri"], a["outcome"], a["error"]) for a in answers]

    def delete(self, ids: Sequence[str]) -> int:
        """Forget photos; returns how many were there."""
        [answer] = self._post("/delete", [{"ids": list(ids)}])
        return int(answer["count"])

    def maintain(self) -> None:
        """Compact the index and bring its ANN part up to date."""
        self._post("/maintain", [{}])

    def _post(self, path: str, docs: list[dict[str, Any]]) -> list[Any]:
        try:
            for _ in range(PATIENCE):
                response = self._http.post(path, json={"data": docs})
                if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                    break
                wait = response.headers.get("Retry-After", "")
                time.sleep(min(int(wait), 60) if wait.isdecimal() else 1)
        except httpx.TimeoutException as error:
            raise ServiceError(f"The gateway at {self.url} took too long to answer.") from error
        except httpx.HTTPError as error:
            raise ServiceError(
                f"No gateway answers at {self.url} ({error}). "
                "Start one with: python app.py -t serve"
            ) from error
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise ServiceError(
                f"The gateway at {self.url} wants its key. "
                "Set PHOTOSEEK_API_KEY to it, or give it as api_key."
            )
        if response.is_error:
            raise _error(response)
        data: list[Any] = response.json()["data"]
        return data


def _photo_json(photo: Photo, known_hash: str) -> dict[str, Any]:
    fields = {name: getattr(photo, name) for name in DESCRIPTION}
    fields["metadata"] = dict(photo.metadata)
    return fields | {
        "version": photo.version,
        "tags": list(photo.tags),
        "known_hash": known_hash,
    }


def _hit(answer: Mapping[str, Any]) -> Hit:
    fields = {name: answer[name] for name in DESCRIPTION}
    photo = Photo(**fields, tags=tuple(answer["tags"]))
    stored = StoredPhoto(photo, answer["content_hash"], answer["width"], answer["height"])
    return Hit(answer["rank"], answer["score"], stored, answer["link"])


def _error(response: httpx.Response) -> PhotoseekError:
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = response.text[:200] or response.reason_phrase
    kinds: dict[int, type[PhotoseekError]] = {
        409: ModelMismatchError,
        413: QueryError,
        422: QueryError,
        507: StoreWriteError,
    }
    kind = kinds.get(response.status_code, ServiceError)
    return kind(str(detail))
