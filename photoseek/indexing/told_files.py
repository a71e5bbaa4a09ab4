"""What stands beside a photo's pixels and in its side-car, read for a photo that is indexed."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace

from photoseek.errors import PhotoError
from photoseek.fetch import PhotoReader
from photoseek.photos import ImageLimits, Room, tell
from photoseek.records import Photo, Traits

_log = logging.getLogger(__name__)


def with_sidecar(photo: Photo, reader: PhotoReader) -> tuple[Photo, bytes]:
    """A photo and the bytes of its side-car, b"" for none.

    Where that cannot be read now, the photo has no version, so that the next run looks again.
    """
    if not photo.sidecar:
        return photo, b""
    try:
        return photo, reader.read(photo.sidecar)
    except PhotoError as error:
        _log.warning("The side-car %.300s is left out: %s", photo.sidecar, error)
        return replace(photo, version=""), b""


def told_of(data: bytes, sidecar: bytes, limits: ImageLimits, room: Room) -> Traits | None:
    """What a photo tells whose bytes are stored already; None where they cannot be opened now."""
    with suppress(PhotoError):
        return tell(data, limits, sidecar, room=room)
    return None
