"""The frame of an animation that stands for it: the first with something on it.

Many animations begin with a frame that is transparent or of one colour, to be painted upon.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from PIL import Image
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile

MOST_FRAMES = 60
"""Frames that are looked at: two seconds of a film that fades in."""

ONE_COLOUR = 8
"""How far the values of one colour may lie apart, of 255."""

_BAND = 250_000


def show_first_frame(picture: ImageFile) -> None:
    """Decode the first frame with something on it, or the first where all are empty."""
    picture.load()
    if not is_animation(picture) or not _is_empty(picture):
        return
    with suppress(EOFError, SyntaxError, ValueError, OSError):  # a later frame is broken or none
        for frame in range(1, MOST_FRAMES):
            picture.seek(frame)
            picture.load()
            if not _is_empty(picture):
                return
    picture.seek(0)
    picture.load()


def is_animation(picture: ImageFile) -> bool:
    """Whether there may be more frames. To know it of a GIF, all of it had to be read."""
    if picture.format in ("PNG", "WEBP", "AVIF"):
        return bool(getattr(picture, "is_animated", False))
    return isinstance(picture, GifImageFile)


def _is_empty(picture: Image.Image) -> bool:
    """Whether all of a picture is transparent, or of one colour as far as compression leaves it."""
    rows = max(1, _BAND // picture.width)
    low, high = np.full(4, 255), np.zeros(4, int)
    for upper in range(0, picture.height, rows):
        lower = min(upper + rows, picture.height)
        band = picture.crop((0, upper, picture.width, lower)).convert("RGBA")
        reach = np.array(band.getextrema())
        low, high = np.minimum(low, reach[:, 0]), np.maximum(high, reach[:, 1])
        if high[3] > 0 and (high - low).max() > ONE_COLOUR:
            return False
    return True
