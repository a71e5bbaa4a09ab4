"""A perceptual hash: a few bits differ between copies of one picture, many between two pictures.

The method is the one known as pHash (Zauner 2010): the lowest frequencies of the luminance, each
a bit that says whether it is above their median. What copies lose first, detail and sharpness,
lies in the high frequencies; brightness is left out, and contrast scales all bits alike.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 32
FREQUENCIES = 8

LEAST_CONTRAST = 3.0
"""Standard deviation of luminance, of 255. In a plain surface the bits would be chance."""


def looks_of(picture: Image.Image) -> str:
    """64 bits as 16 hex digits, of the whole of a picture; "" where there is nothing to see."""
    small = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    luminance = np.asarray(small, np.float64)
    if luminance.std() < LEAST_CONTRAST:
        return ""
    waves = _waves()
    strengths = waves @ luminance @ waves.T
    bits = strengths > np.median(strengths)
    return np.packbits(bits).tobytes().hex()


@cache
def _waves() -> NDArray[np.float64]:
    """Cosines of 1 to 8 half waves across the picture, shape (8, 32): a DCT without its mean."""
    places = (np.arange(SIDE) + 0.5) * np.pi / SIDE
    waves: NDArray[np.float64] = np.cos(np.outer(np.arange(1, FREQUENCIES + 1), places))
    return waves
