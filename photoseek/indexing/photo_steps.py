"""What a photo is on its way through the encoder."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import NamedTuple

from photoseek.errors import PhotoError, PhotoseekError
from photoseek.indexing.contents import StoredContents, Turn, of_same_bytes
from photoseek.indexing.results import unusable
from photoseek.photos import DecodedPhoto
from photoseek.records import (
    EncodedPhoto,
    Keep,
    Photo,
    PictureText,
    Skip,
    Traits,
    Vector,
    content_hash,
)


@dataclass(frozen=True, slots=True)
class Task:
    """One photo to be read, `among` that number; `turn` and `stored` know what was made of the same
    bytes.
    """

    photo: Photo
    known_hash: str
    keep: Keep
    turn: Turn
    stored: StoredContents | None
    among: int


class Found(NamedTuple):
    """The content hash of a photo that was read, and what others made of the same bytes."""

    hash: str
    like: Future[EncodedPhoto] | None = None
    there: EncodedPhoto | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A photo that is decoded, and waits for the model; its text may be read meanwhile."""

    photo: Photo
    content_hash: str
    decoded: DecodedPhoto
    keep: Keep
    original: bytes
    text: Future[PictureText | None] | None


@dataclass(frozen=True, slots=True)
class Copy:
    """A photo whose bytes are those of another one, which is being encoded."""

    photo: Photo
    keep: Keep
    original: bytes
    like: Future[EncodedPhoto]
    told: Traits | None


def looked_up(task: Task, data: bytes) -> Found:
    """What is known of the bytes of a photo; the index is asked only where nobody encodes them."""
    found = content_hash(data)
    if found == task.known_hash:
        return Found(found)
    if (like := task.turn.claim(found, task.keep, task.photo)) is not None:
        return Found(found, like)
    stored = task.stored
    return Found(found, there=stored.find(found, task.keep, task.among) if stored else None)


def copied(item: Copy) -> EncodedPhoto | Skip:
    """What a photo becomes once the one with the same bytes is encoded."""
    try:
        return of_same_bytes(item.like.result(), item.photo, item.keep, item.original, item.told)
    except PhotoError as error:
        return Skip(item.photo.uri, str(error))
    except PhotoseekError:
        raise
    except Exception as error:
        return unusable(item.photo, error)


def encoded_photo(item: Ready, vector: Vector) -> EncodedPhoto:
    """A decoded photo with its vector."""
    decoded = item.decoded
    return EncodedPhoto(
        photo=item.photo,
        content_hash=item.content_hash,
        width=decoded.width,
        height=decoded.height,
        vector=vector,
        thumbnail=decoded.thumbnail,
        keep=item.keep,
        original=item.original,
        traits=decoded.traits,
        text=item.text.result() if item.text else None,
    )
