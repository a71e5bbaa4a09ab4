"""A perceptual hash: a few bits differ between copies of one picture, many between two pictures.

The method is the one known as pHash (Zauner 2010): the lowest frequencies of the luminance, each
a bit that says whether it is above their median. What copies lose first, detail and sharpness,
lies in the high frequencies; brightness is left out, and contrast scales all alike. Frequencies
are taken along both sides together, as JPEG does, and not in a square of 8 by 8: of the frequencies
in there, the highest move with every crop. `python -m bench.duplicates` measures it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 32
BITS = 64

LEAST_CONTRAST = 3.0
"""Standard deviation of luminance, of 255. In a plain surface the bits would be chance."""

ROUNDING = 1e-9
"""The share of the strongest frequency that may be a processor's rounding. Stripes have no waves
along them: the bits of these would be chance, and others on another processor.
"""


def phash_of(picture: Image.Image) -> str:
    """64 bits as 16 hex digits, of the whole of a picture; "" where there is nothing to see."""
    small = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    luminance = np.asarray(small, np.float64)
    if luminance.std() < LEAST_CONTRAST:
        return ""
    waves, lowest = _waves(), _lowest()
    strengths = (waves @ luminance @ waves.T)[lowest]
    above = strengths - np.median(strengths)
    return np.packbits(above > ROUNDING * np.abs(strengths).max()).tobytes().hex()


@cache
def _waves() -> NDArray[np.float64]:
    """Cosines of 0 to 10 half waves across the picture, shape (11, 32)."""
    places = (np.arange(SIDE) + 0.5) * np.pi / SIDE
    waves: NDArray[np.float64] = np.cos(np.outer(np.arange(11), places))
    return waves


@cache
def _lowest() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows and columns of the 64 lowest frequencies, without the mean."""
    rows, columns = np.indices((11, 11)).reshape(2, -1)
    order = np.argsort(rows + columns, kind="stable")[1 : BITS + 1]
    return rows[order], columns[order]
