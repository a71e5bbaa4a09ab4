"""The colours of a photo, and what people call them.

Colours are compared in OKLab (Ottosson 2020), where equal distances look equally different, and
named by the eleven terms that rich languages share (Berlin and Kay 1969). The borders between
the names were drawn by hand and tried on the survey of xkcd: of 450 colours whose name
ends in one of the terms, 95 % get that very term.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Pixels

COLOUR_NAMES: dict[str, str] = {
    "red": "#d62d30",
    "orange": "#f38420",
    "yellow": "#facf2e",
    "green": "#3a9e52",
    "blue": "#2c68ce",
    "purple": "#7e46b2",
    "pink": "#f484b0",
    "brown": "#805234",
    "black": "#1c1c22",
    "grey": "#8c8c8c",
    "white": "#f8f7f3",
}
"""The names that a photo's colours may have, each with a colour to show it by."""

GOOD_PART = 0.15
"""The share of a photo, by area or by weight, from which on a colour is named."""

GREY_WEIGHT = 0.25
"""What a pixel without chroma counts beside a vivid one: eyes go to a red car on a grey road."""

VIVID = 0.15
"""The chroma in OKLab from which on a pixel counts fully."""

_EVERY = (0.0, 9.0)

# Name, and where it reaches: hue in degrees, lightness from 0 to 1, chroma. The first that holds.
_BORDERS: tuple[tuple[str, tuple[float, float], tuple[float, float], tuple[float, float]], ...] = (
    ("black", (0, 360), (0, 0.21), _EVERY),
    ("black", (0, 360), (0, 0.30), (0, 0.05)),
    ("white", (0, 360), (0.93, 9), (0, 0.04)),
    ("grey", (0, 360), _EVERY, (0, 0.035)),
    ("pink", (0, 18), (0.62, 9), _EVERY),
    ("pink", (0, 13), (0.5, 9), (0.18, 9)),
    ("pink", (0, 40), (0.7, 9), _EVERY),
    ("pink", (0, 40), (0.6, 9), (0, 0.09)),
    ("brown", (0, 40), _EVERY, (0, 0.09)),
    ("brown", (30, 40), (0, 0.35), _EVERY),
    ("red", (0, 40), _EVERY, _EVERY),
    ("orange", (40, 78), (0.55, 9), (0.15, 9)),
    ("brown", (40, 78), (0, 0.62), _EVERY),
    ("brown", (40, 78), (0, 0.85), (0, 0.09)),
    ("orange", (40, 78), _EVERY, _EVERY),
    ("brown", (78, 95), (0, 0.68), _EVERY),
    ("brown", (95, 106), (0, 0.62), _EVERY),
    ("brown", (78, 90), (0, 0.8), (0, 0.1)),
    ("yellow", (78, 114), (0.6, 9), _EVERY),
    ("green", (78, 182), _EVERY, _EVERY),
    ("blue", (182, 286), _EVERY, _EVERY),
    ("purple", (286, 325), _EVERY, _EVERY),
    ("purple", (325, 345), (0, 0.62), _EVERY),
    ("red", (345, 360), (0, 0.55), (0.1, 9)),
    ("purple", (325, 360), (0, 0.45), _EVERY),
    ("pink", (325, 360), _EVERY, _EVERY),
)

_NAMES = tuple(COLOUR_NAMES)
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


class Palette(NamedTuple):
    """The dominant colour as "#rrggbb", and the names of colours that cover a good part."""

    colour: str
    colours: tuple[str, ...]


def palette_of(pixels: Pixels) -> Palette:
    """The colours of a photo, from few pixels of all of it in sRGB.

    The dominant colour is one that occurs: the pixel next to the mean of the name that covers
    most. Vivid pixels count more than grey ones. The first of the names is that of the dominant
    colour.
    """
    flat = pixels.reshape(-1, 3)
    table, cells = _table(), _cells(flat)
    names = table.names[cells]
    areas = np.bincount(names, minlength=len(_NAMES)) / len(flat)
    weights = np.bincount(names, table.weights[cells], len(_NAMES))
    shares = weights / weights.sum()
    order = np.argsort(-shares, kind="stable")
    main = np.flatnonzero(names == order[0])
    lab = table.lab[cells[main]]
    from_mean = np.square(lab - lab.mean(axis=0)).sum(axis=1)
    red, green, blue = flat[main[from_mean.argmin()]]
    colours = [_NAMES[i] for i in order if max(shares[i], areas[i]) >= GOOD_PART]
    return Palette(f"#{red:02x}{green:02x}{blue:02x}", tuple(colours))


def colour_name(colour: str) -> str:
    """The name of a colour given as "#rrggbb": one of `COLOUR_NAMES`.

    Raises:
        ValueError: it is written in another way.
    """
    if not re.fullmatch("#[0-9a-fA-F]{6}", colour, re.ASCII):
        raise ValueError(f"The colour {colour!r} is not written like #1e90ff.")
    pixel = np.frombuffer(bytes.fromhex(colour[1:]), np.uint8).reshape(1, 3)
    return _NAMES[int(_table().names[_cells(pixel)[0]])]


def oklab(rgb: NDArray[np.generic]) -> NDArray[np.float64]:
    """Lightness 0 to 1, green to red, blue to yellow, of sRGB values 0 to 255, shape (n, 3)."""
    share = rgb.astype(np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    lab: NDArray[np.float64] = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    return lab


class _Table(NamedTuple):
    """For each of 32 x 32 x 32 cells of sRGB: place in `_NAMES`, OKLab, and weight."""

    names: NDArray[np.intp]
    lab: NDArray[np.float32]
    weights: NDArray[np.float64]


@cache
def _table() -> _Table:
    middle = np.arange(4, 256, 8)
    lab = oklab(np.stack(np.meshgrid(middle, middle, middle, indexing="ij"), -1).reshape(-1, 3))
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    polar = (np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360, lab[:, 0], chroma)
    names = np.full(len(lab), -1, np.intp)
    for name, *reaches in _BORDERS:
        holds = names < 0
        for values, (low, high) in zip(polar, reaches, strict=True):
            holds &= (low <= values) & (values < high)
        names[holds] = _NAMES.index(name)
    weights = GREY_WEIGHT + (1 - GREY_WEIGHT) * np.minimum(chroma / VIVID, 1)
    return _Table(names, lab.astype(np.float32), weights)


def _cells(flat: Pixels) -> NDArray[np.intp]:
    red, green, blue = (flat >> 3).astype(np.intp).T
    cells: NDArray[np.intp] = (red << 10) | (green << 5) | blue
    return cells
