"""What decoding makes of the bytes of a picture, and how far two pictures differ."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoseek.photos import DecodedPhoto, ImageLimits, InputShape, decode

SQUASHED = InputShape(32, "squash")


def read(data: bytes, shape: InputShape = SQUASHED, **options: Any) -> DecodedPhoto:
    return decode(data, shape, ImageLimits(), **options)


def opened(thumbnail: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(thumbnail))
    picture.load()
    return picture


def shown(data: bytes) -> NDArray[np.int64]:
    """The pixels of the thumbnail of a picture."""
    return np.asarray(opened(read(data).thumbnail)).astype(int)


def difference(left: NDArray[Any], right: NDArray[Any]) -> float:
    """The mean, of 255."""
    assert left.shape == right.shape
    return float(np.abs(left.astype(int) - right.astype(int)).mean())


def looks_like(data: bytes, other: bytes, most: float = 2) -> bool:
    """Whether model and thumbnail show of one file what they show of another."""
    one, two = read(data), read(other)
    return (
        (one.width, one.height) == (two.width, two.height)
        and difference(one.pixels, two.pixels) < most
        and difference(shown(data), shown(other)) < most + 1
    )
