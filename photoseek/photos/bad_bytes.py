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


_CUT = ("truncat", "incomplete", "end of file", "no more images")
"""What Pillow and its decoders say, each in its own words, of data that end too early."""


class BadBytesError(ValueError):
    """Bytes that no picture has; its text is in our words, and told to people."""


@contextmanager
def damage_explained(name: str) -> Iterator[None]:
    """Turn what Pillow raises over bad bytes into a PhotoError that names the format.

    A library's own words go to the log alone: they tell nobody what to do.
    """
    try:
        yield
    except (DecompressionBombError, MemoryError) as error:
        _log.debug("A %s picture is too large: %r", name, error)
        raise OversizedPhotoError(f"{name} picture is too large for its decoder.") from error
    except BAD_BYTES as error:
        _log.debug("A %s picture cannot be decoded: %r", name, error)
        raise DamagedPhotoError(
            f"{name} picture is damaged, cut short or of a rare kind{_reason(error)}."
        ) from error
    except PhotoError:
        raise
    except Exception as error:  # it still belongs to this photo, and stops no other
        _log.exception("Decoding a %s picture failed in an unknown way", name)
        raise DamagedPhotoError(f"{name} picture cannot be decoded. The log says more.") from error


def _reason(error: BaseException) -> str:
    """What is known of it in our words, in brackets, or nothing."""
    text = " ".join(str(error).split())[:120]
    if any(sign in text.lower() for sign in _CUT):
        return " (its data end too early)"
    return f" ({text})" if isinstance(error, BadBytesError) else ""
