"""Any mode that a picture may come in, to eight bits; any colour space, to sRGB."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import BITSPERSAMPLE, TiffImageFile

LARGEST_PROFILE = 4_000_000
"""Bytes. Profiles of printing presses reach two million; anything larger is no real profile."""


FEW_BITS = (8, 10, 12)
"""Bits that 16-bit greys really use, where they are not all used."""


def eight_bits_of(picture: ImageFile) -> Callable[[Image.Image], Image.Image] | None:
    """What brings parts of a loaded picture to mode L or RGB, with transparency laid on white.

    None where it is in L, RGB or CMYK already. Sixteen bits a channel keep their upper eight, but
    greys that use no more than the lower twelve, as microscopes and scanners write, keep those.
    32-bit and floating-point greys have no agreed white, so they are stretched from the darkest to
    the lightest value of the whole picture.
    """
    if picture.mode.startswith("I;16"):
        spare = _spare_bits(picture)
        return lambda part: Image.fromarray((np.asarray(part) >> spare).astype(np.uint8))
    if picture.mode in ("I", "F"):
        return partial(_stretched, reach=_reach(picture))
    if picture.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return partial(_applied, ImageCms.buildTransform(lab, srgb, "LAB", "RGB"))
    if picture.has_transparency_data and not _is_empty_alpha(picture):
        return _on_white
    if picture.mode in ("L", "RGB", "CMYK"):
        return None
    mode = "L" if picture.mode == "1" else "RGB"
    return lambda part: part.convert(mode)


def to_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """Turn a picture into RGB in sRGB, by the ICC profile that came with it.

    Without a usable profile RGB is taken to be sRGB, and CMYK is turned by Pillow's formula.
    Cheap on small pictures only, so call it after resizing.
    """
    if not isinstance(profile, bytes) or len(profile) > LARGEST_PROFILE:
        return picture.convert("RGB")
    if picture.mode in ("L", "RGB", "CMYK"):
        transform = _transform(profile, picture.mode)
        if transform is not None:
            return _applied(transform, picture)
    return picture.convert("RGB")


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Find the way from a profile to sRGB: None where the profile is unusable or is sRGB itself.

    Building one takes milliseconds and a library of photos has few profiles, hence the cache.
    """
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
        )
    except (ImageCms.PyCMSError, OSError):
        return None
    if mode == "RGB":
        steps = np.linspace(0, 255, 6, dtype=np.uint8)
        cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(6, 36, 3)
        after = np.asarray(_applied(transform, Image.fromarray(cube)))
        if np.abs(after.astype(int) - cube).max() <= 2:
            return None
    return transform


def _applied(transform: ImageCms.ImageCmsTransform, picture: Image.Image) -> Image.Image:
    result = ImageCms.applyTransform(picture, transform)
    assert result is not None  # None is for work in place
    return result


def _spare_bits(picture: Image.Image) -> int:
    """How far a 16-bit grey must be shifted to leave eight bits, by the bits that it uses."""
    if isinstance(picture, TiffImageFile) and picture.tag_v2.get(BITSPERSAMPLE, (16,))[0] < 16:
        return max(0, int(picture.tag_v2[BITSPERSAMPLE][0]) - 8)
    lightest = _reach(picture)[1]
    return next((bits - 8 for bits in FEW_BITS if lightest < 1 << bits), 8)


def _is_empty_alpha(picture: Image.Image) -> bool:
    """Whether a BMP has transparency in which nothing was ever written: Windows shows it whole."""
    if not isinstance(picture, BmpImageFile) or picture.mode != "RGBA":
        return False
    return picture.getchannel("A").getextrema() == (0, 0)


def _on_white(picture: Image.Image) -> Image.Image:
    clear = picture.convert("RGBA")
    white = Image.new("RGB", clear.size, "white")
    white.paste(clear, mask=clear)
    return white


def _reach(picture: Image.Image) -> tuple[float, float]:
    """The darkest and the lightest value, some rows at a time; what is no number counts as 0."""
    rows = max(1, 1_000_000 // picture.width)
    low, high = float("inf"), float("-inf")
    for upper in range(0, picture.height, rows):
        lower = min(upper + rows, picture.height)
        values = _numbers(picture.crop((0, upper, picture.width, lower)))
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    return low, high


def _numbers(picture: Image.Image) -> NDArray[np.float64]:
    # Cleaned before it is cast, since casting a signalling NaN makes NumPy warn.
    clean: NDArray[Any] = np.nan_to_num(np.asarray(picture), posinf=0, neginf=0)
    return clean.astype(np.float64)


def _stretched(picture: Image.Image, reach: tuple[float, float]) -> Image.Image:
    values, (low, high) = _numbers(picture), reach
    if high <= low:
        return Image.new("L", picture.size)
    return Image.fromarray(((values - low) / (high - low) * 255 + 0.5).astype(np.uint8))
