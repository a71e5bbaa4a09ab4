"""What a gateway answers, typed, and photos to and from its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photoseek.records import Facets, Found, Hit, Photo, StoredPhoto, Traits

DESCRIPTION = ("id", "uri", "caption", "photographer", "licence", "source_url", "metadata")


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
        duplicates=tuple(map(stored, answer["duplicates"])),
    )


def stored(answer: Mapping[str, Any]) -> StoredPhoto:
    """A photo out of JSON."""
    fields = {name: answer[name] for name in DESCRIPTION}
    photo = Photo(**fields, tags=tuple(answer["tags"]))
    traits = Traits(
        colour=answer["colour"], colours=tuple(answer["colours"]), taken=answer["taken"]
    )
    return StoredPhoto(
        photo,
        answer["content_hash"],
        answer["width"],
        answer["height"],
        traits,
        link=answer["links"]["direct"],
    )


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
