"""Numbers of any kind to eight bits: what is black, and what is white."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

WHITES = (1.0, 255.0, 65_535.0)
"""What is white in floating-point colours: the first of these that nearly all numbers are below."""

_ABOVE_WHITE = 0.01
"""The share of numbers that may lie above white: lamps and glints of a photo with more range."""


class Scale(NamedTuple):
    """Which numbers are black and white, in the colours and in the channel for transparency."""

    black: float
    white: float
    alpha: float

    @property
    def of_alpha(self) -> Scale:
        """The scale of the channel for transparency."""
        return Scale(0, self.alpha, self.alpha)


def scale_of(bands: Iterable[NDArray[Any]], colours: int, top: int) -> Scale:
    """The scale of the colours of a picture, from the bands of its rows.

    `top` is the largest whole number that fits into a sample.

    Whole numbers without a sign reach from 0 to the largest that fits. Those with a sign have no
    agreed white and are stretched from the darkest to the lightest. Floating-point colours begin
    at 0, as is usual, and where they end is guessed.
    """
    low, high, count, is_float = np.inf, -np.inf, 0, False
    above = np.zeros(len(WHITES), np.int64)
    for values in bands:
        if values.dtype.kind == "u":
            return Scale(0, top, top)
        shown = clean(values[..., :colours])
        low, high = min(low, float(shown.min())), max(high, float(shown.max()))
        count += shown.size
        above += [np.count_nonzero(shown > white) for white in WHITES]
        is_float = values.dtype.kind == "f"
    if not is_float:
        return Scale(low, max(high, low + 1), top)
    most = count * _ABOVE_WHITE
    white = next((white for white, over in zip(WHITES, above, strict=True) if over <= most), high)
    return Scale(0, white, white)


def to_eight_bits(values: NDArray[Any], scale: Scale) -> NDArray[np.uint8]:
    """Numbers from black to white, as 0 to 255."""
    shares = (clean(values) - scale.black) / (scale.white - scale.black)
    return (np.clip(shares, 0, 1) * 255 + 0.5).astype(np.uint8)


def clean(values: NDArray[Any]) -> NDArray[np.float64]:
    """The same as 64-bit floats; what is no number, or without end, is 0."""
    if values.dtype.kind == "f":  # before it is cast, since a signalling NaN makes NumPy warn
        values = np.nan_to_num(values, nan=0, posinf=0, neginf=0)
    return values.astype(np.float64)
