"""What bad bytes raise, and the PhotoError that is made of it."""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from PIL.Image import DecompressionBombError

from photoseek.errors import DamagedPhotoError, OversizedPhotoError, PhotoError

_log = logging.getLogger(__name__)

BAD_BYTES = (
    OSError,  # truncated data, a broken stream
    SyntaxError,  # a broken header, PNG chunk or EXIF block
    ValueError,  # absurd values, text chunks that inflate too far
    TypeError,  # tags of the wrong kind
    LookupError,  # missing tags, short palettes
    ArithmeticError,  # sizes that overflow, fractions over zero
    EOFError,  # no first frame
    RuntimeError,  # AVIF
    AssertionError,  # boxes of JPEG 2000
    struct.error,  # EXIF that ends within its first bytes
)
"""What Pillow's plugins raise over bad bytes, each with habits of its own, as fuzzing shows."""

LARGEST_EXIF = 1_000_000
"""Bytes. A camera writes 64 kB at most; Pillow makes Python objects of every number in there."""


@contextmanager
def damage_explained(name: str) -> Iterator[None]:
    """Turn what Pillow raises over bad bytes into a PhotoError that names the format."""
    try:
        yield
    except (DecompressionBombError, MemoryError) as error:
        raise OversizedPhotoError(
            f"{name} picture is too large for its decoder ({_reason(error)})."
        ) from error
    except BAD_BYTES as error:
        raise DamagedPhotoError(
            f"{name} picture is damaged, cut short or of a rare kind ({_reason(error)})."
        ) from error
    except PhotoError:
        raise
    except Exception as error:  # it still belongs to this photo, and stops no other
        _log.exception("Decoding a %s picture failed in an unknown way", name)
        raise DamagedPhotoError(f"{name} picture cannot be decoded ({_reason(error)}).") from error


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())[:120]
    if any(character.isalpha() for character in text):
        return text
    return f"{type(error).__name__} {text}".strip()
