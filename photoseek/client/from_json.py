"""What a gateway answers, typed, and photos to and from its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from photoseek.records import Facets, Found, Hit, Photo, StoredPhoto
from photoseek.store import record_json
from photoseek.store.record_json import stored_of_json


def found(answer: Mapping[str, Any]) -> Found:
    """A page of photos out of JSON."""
    return Found(
        hits=tuple(map(hit_of, answer["hits"])),
        query=answer["query"]["text"],
        total=answer["total"],
        confidence=answer["confidence"],
        next_offset=answer["next_offset"],
        next_after=answer.get("next_after") or "",
    )


def hit_of(answer: Mapping[str, Any]) -> Hit:
    """A photo that was found, out of JSON."""
    return Hit(
        rank=answer["rank"],
        score=answer["score"] or 0.0,
        stored=stored(answer),
        duplicates=tuple(map(stored, answer["duplicates"])),
        lines_found=tuple(answer.get("lines_found", ())),
    )


def stored(answer: Mapping[str, Any]) -> StoredPhoto:
    """A photo out of JSON."""
    return replace(stored_of_json(answer), link=answer["links"]["direct"])


def facets(answer: Mapping[str, Any]) -> Facets:
    """Counts out of JSON."""
    own = {each["field"]: each["values"] for each in answer["metadata"]}
    fields = {name: of for name, of in answer.items() if name not in ("total", "metadata")} | own
    counts = {
        name: tuple((item["value"], item["count"]) for item in items)
        for name, items in fields.items()
    }
    return Facets(answer["total"], {name: values for name, values in counts.items() if values})


def photo_json(photo: Photo, known_hash: str) -> dict[str, Any]:
    """A photo to index, as JSON."""
    return record_json.photo_json(photo) | {"known_hash": known_hash}
