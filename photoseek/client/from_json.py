"""What a gateway answers, typed, and photos to and from its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from photoseek.records import Facets, Hit, Photo, StoredPhoto, Traits

DESCRIPTION = ("id", "uri", "caption", "photographer", "licence", "source_url", "metadata")


@dataclass(frozen=True, slots=True)
class Found:
    """A page of photos, best first; without a query the newest ones, whose scores are 0.

    `query` is the query as it was understood, in words that find the same again. `total` photos
    satisfy the filters. `confidence` comes with the first page only. `next_offset` is where the
    next page begins, or None at the end.
    """

    hits: tuple[Hit, ...]
    query: str
    total: int
    confidence: Literal["high", "medium", "low"] | None
    next_offset: int | None


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


def found(answer: Mapping[str, Any]) -> Found:
    """A page of photos out of JSON."""
    return Found(
        hits=tuple(map(hit_of, answer["hits"])),
        query=answer["query"]["text"],
        total=answer["total"],
        confidence=answer["confidence"],
        next_offset=answer["next_offset"],
    )


def hit_of(answer: Mapping[str, Any]) -> Hit:
    """A photo that was found, out of JSON."""
    return Hit(
        rank=answer["rank"],
        score=answer["score"] or 0.0,
        stored=stored(answer),
        link=answer["links"]["direct"],
        duplicates=tuple(map(stored, answer["duplicates"])),
    )


def stored(answer: Mapping[str, Any]) -> StoredPhoto:
    """A photo out of JSON."""
    fields = {name: answer[name] for name in DESCRIPTION}
    photo = Photo(**fields, tags=tuple(answer["tags"]))
    traits = Traits(
        colour=answer["colour"], colours=tuple(answer["colours"]), taken=answer["taken"]
    )
    return StoredPhoto(photo, answer["content_hash"], answer["width"], answer["height"], traits)


def facets(answer: Mapping[str, Any]) -> Facets:
    """Counts out of JSON."""
    counts = {
        name: tuple((item["value"], item["count"]) for item in items)
        for name, items in answer.items()
        if name != "total"
    }
    return Facets(total=answer["total"], **counts)


def photo_json(photo: Photo, known_hash: str) -> dict[str, Any]:
    """A photo to index, as JSON."""
    fields = {name: getattr(photo, name) for name in DESCRIPTION}
    fields["metadata"] = dict(photo.metadata)
    return fields | {
        "version": photo.version,
        "tags": list(photo.tags),
        "known_hash": known_hash,
    }
