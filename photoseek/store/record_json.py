"""Photos to and from JSON: as an index keeps them, as they travel, and as the API tells of them.

Members come from the records themselves. What an older photoseek has written lacks some of them,
and what a newer one has written has more: those have their defaults, and these are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from photoseek.records import EncodedPhoto, Photo, StoredPhoto, Traits, Vector, Written
from photoseek.store.text_json import text_json, text_of

_PHOTO = tuple(field.name for field in fields(Photo))
_TRAITS = tuple(field.name for field in fields(Traits) if field.name != "written")
_WRITTEN = tuple(field.name for field in fields(Written))
_FIRST_TRAITS = ("colour", "colours", "phash", "taken")
"""The traits that index records hold in a row, without their names; later ones have names."""


def stored_of(encoded: EncodedPhoto) -> StoredPhoto:
    """What is given back of a photo."""
    size = encoded.width, encoded.height
    return StoredPhoto(
        encoded.photo,
        encoded.content_hash,
        *size,
        encoded.traits,
        text=encoded.text,
        indexed_at=encoded.indexed_at,
    )


def encoded_of(stored: StoredPhoto, vector: Vector) -> EncodedPhoto:
    """A photo as it was given to a store, without its blobs; the store has said what it keeps."""
    keep = stored.keep or "thumbnail"
    size = stored.width, stored.height
    more: dict[str, Any] = {"keep": keep, "traits": stored.traits, "text": stored.text}
    return EncodedPhoto(stored.photo, stored.content_hash, *size, vector, b"", **more)


def photo_json(photo: Photo) -> dict[str, Any]:
    """What a source says of a photo; its metadata stand last, and a side-car only if it has one."""
    members = {name: getattr(photo, name) for name in _PHOTO if name != "metadata"}
    if not photo.sidecar:
        del members["sidecar"]
    return members | {"tags": list(photo.tags), "metadata": dict(photo.metadata)}


def photo_of(given: Mapping[str, Any]) -> Photo:
    """What `photo_json` was given."""
    members = {name: given[name] for name in _PHOTO if name in given}
    return Photo(**members | {"tags": tuple(given.get("tags", ()))})


def traits_json(traits: Traits) -> dict[str, Any]:
    """What a photo's file tells; what is `written` in it as far as that says anything."""
    members = {name: _listed(getattr(traits, name)) for name in _TRAITS}
    return members | {"written": written_json(traits.written)}


def traits_of(given: Mapping[str, Any]) -> Traits:
    """What `traits_json` was given."""
    members = _tupled(given, _TRAITS)
    return Traits(**members, written=written_of(given.get("written")))


def written_json(written: Written | None) -> dict[str, Any]:
    """What is written into a photo's file, without what that does not say."""
    if written is None:  # as with most photos, of which an answer has dozens
        return {}
    texts = {name: _listed(getattr(written, name)) for name in _WRITTEN}
    return {name: value for name, value in texts.items() if value}


def written_of(given: Mapping[str, Any] | None) -> Written | None:
    """What `written_json` was given."""
    members = _tupled(given or {}, _WRITTEN)
    return Written(**members) if any(members.values()) else None


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _tupled(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    members = {name: given[name] for name in names if name in given}
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in members.items()
    }


def stored_json(stored: StoredPhoto) -> dict[str, Any]:
    """All that is given back of a photo, on one level."""
    return {
        **photo_json(stored.photo),
        **traits_json(stored.traits),
        "content_hash": stored.content_hash,
        "width": stored.width,
        "height": stored.height,
        "link": stored.link,
        "text": text_json(stored.text),
        "indexed_at": told_since(stored),
    }


def stored_of_json(given: Mapping[str, Any]) -> StoredPhoto:
    """What `stored_json` was given."""
    return StoredPhoto(
        photo_of(given),
        given["content_hash"],
        given["width"],
        given["height"],
        traits_of(given),
        keep=given.get("keep"),
        link=given.get("link", ""),
        text=text_of(given.get("text")),
        indexed_at=moment_of_json(given.get("indexed_at")),
    )


def told_since(stored: StoredPhoto) -> str | None:
    """Since when its bytes are in the index, in ISO 8601; None where that is not known."""
    return None if stored.indexed_at is None else stored.indexed_at.isoformat()


def moment_of_json(text: str | None) -> datetime | None:
    """What `told_since` was given."""
    return datetime.fromisoformat(text) if text else None


def to_record(stored: StoredPhoto) -> str:
    """All of it as JSON; ASCII only, so that lone surrogates and NUL travel as JSON's escapes.

    One text, because sixteen columns take longer to read. Its form is that of the first index.
    """
    traits = traits_json(stored.traits)
    record = {
        **photo_json(stored.photo),
        "content_hash": stored.content_hash,
        "size": (stored.width, stored.height),
        "traits": [traits.pop(name) for name in _FIRST_TRAITS],
    }
    if later := {name: value for name, value in traits.items() if value}:
        record["more_traits"] = later
    if stored.text is not None:
        record["text"] = text_json(stored.text)
    return json.dumps(record, separators=(",", ":"))


def from_record(text: str, **beside: Any) -> StoredPhoto:
    """What `to_record` was given, with what stands `beside` it: `keep` and `indexed_at`."""
    record = json.loads(text)
    width, height = record["size"]
    traits = dict(zip(_FIRST_TRAITS, record["traits"], strict=True))
    traits |= record.get("more_traits", {})
    photo, read = photo_of(record), text_of(record.get("text"))
    size = width, height
    return StoredPhoto(photo, record["content_hash"], *size, traits_of(traits), text=read, **beside)
