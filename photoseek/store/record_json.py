"""A photo as an index gives it back, and as one text: sixteen columns take longer to read."""

from __future__ import annotations

import json

from photoseek.records import EncodedPhoto, Photo, StoredPhoto, Traits


def stored_of(encoded: EncodedPhoto) -> StoredPhoto:
    """What is given back of a photo."""
    return StoredPhoto(
        encoded.photo, encoded.content_hash, encoded.width, encoded.height, encoded.traits
    )


def to_record(stored: StoredPhoto) -> str:
    """All of it as JSON; ASCII only, so that lone surrogates and NUL travel as JSON's escapes."""
    photo, traits = stored.photo, stored.traits
    record = {
        "id": photo.id,
        "uri": photo.uri,
        "version": photo.version,
        "caption": photo.caption,
        "tags": photo.tags,
        "photographer": photo.photographer,
        "licence": photo.licence,
        "source_url": photo.source_url,
        "metadata": dict(photo.metadata),
        "content_hash": stored.content_hash,
        "size": (stored.width, stored.height),
        "traits": (traits.colour, traits.colours, traits.phash, traits.taken),
    }
    return json.dumps(record, separators=(",", ":"))


def from_record(text: str) -> StoredPhoto:
    """What `to_record` was given."""
    record = json.loads(text)
    colour, colours, phash, taken = record.pop("traits")
    width, height = record.pop("size")
    content_hash = record.pop("content_hash")
    photo = Photo(**{**record, "tags": tuple(record["tags"])})
    return StoredPhoto(
        photo, content_hash, width, height, Traits(colour, tuple(colours), phash, taken)
    )
