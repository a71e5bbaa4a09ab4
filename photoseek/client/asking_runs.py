"""What an indexing run asks a gateway, and what its answers mean, as in `asking`."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from photoseek.client import from_json as answers
from photoseek.client.asking import Asking, Request, chunks, post
from photoseek.description_limits import MAX_IDS
from photoseek.errors import PhotoseekError
from photoseek.helpers.fingerprints import Fingerprints
from photoseek.records import Keep, KnownPhoto, Outcome, Photo, Status


def index_batch(
    photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep] | None
) -> Asking[list[Outcome]]:
    """One batch of photos."""
    keeps = keeps or ["thumbnail"] * len(photos)
    batch = [
        answers.photo_json(photo, known) | {"keep": keep}
        for photo, known, keep in zip(photos, known_hashes, keeps, strict=True)
    ]
    answer = (yield post("/api/index/photos", {"photos": batch})).json()
    return [Outcome(a["uri"], a["outcome"], a["error"]) for a in answer["outcomes"]]


def delete(ids: Sequence[str], *, vanished: bool) -> Asking[int]:
    """Photos that are forgotten; how many were there."""
    deleted = 0
    for some in chunks(list(dict.fromkeys(ids)), MAX_IDS):
        answer = yield post("/api/index/delete", {"ids": some, "vanished": vanished})
        deleted += int(answer.json()["deleted"])
    return deleted


def known(ids: Sequence[str]) -> Asking[dict[str, KnownPhoto]]:
    """What the index holds of photos."""
    found: dict[str, KnownPhoto] = {}
    for some in chunks(ids, MAX_IDS):
        answer = (yield post("/api/index/known", {"ids": list(some)})).json()
        found |= {key: KnownPhoto(**state) for key, state in answer["photos"].items()}
    return found


def fingerprints(most: int, keep: Keep | None) -> Asking[Fingerprints | None]:
    """Those of all photos, page by page.

    None where the gateway cannot give them, as one of before, which knows no such route. Whatever
    else is wrong, who then asks for photos by their ids is told.
    """
    parts: list[bytes] = []
    asked: dict[str, Any] = {"most": most, "keep": keep, "after": ""}
    # What was hashed cannot be compressed.
    plain = {"headers": {"Accept-Encoding": "identity"}}
    while True:
        try:
            request = Request("POST", "/api/index/fingerprints", {"json": asked} | plain)
            page = (yield request).json()
        except PhotoseekError:
            return None
        if page["fingerprints"] is None:
            return None
        parts.append(base64.b64decode(page["fingerprints"]))
        if page["next_after"] <= asked["after"]:
            return Fingerprints(parts)
        asked["after"] = page["next_after"]


def status() -> Asking[Status]:
    """What is served."""
    answer = (yield Request("GET", "/api/index")).json()
    fields = Status.__dataclass_fields__.keys() & answer.keys()
    told = Status(**{name: answer[name] for name in fields})
    return replace(told, keyword_fields=tuple(told.keyword_fields))


def maintain() -> Asking[None]:
    """Compaction."""
    yield Request("POST", "/api/index/maintain")
