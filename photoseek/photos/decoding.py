"""One decode that serves the model, the thumbnail and what a photo tells of itself.

The expensive part of a large JPEG is its inverse transform, so it is decoded at 1/2, 1/4 or 1/8 of
its size (Pillow's `draft`) where that leaves `MARGIN` times the pixels that the model needs.
The model is shown the colours that open_clip would show it, which are those of the file as they
stand, since it was trained on such; a thumbnail is for eyes, so its ICC profile is honoured.
`python -m bench.decode` measures what this saves and what it changes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from PIL import Image
from PIL.Image import Resampling, Transpose
from PIL.ImageFile import ImageFile

from photoseek.compat.pillow import quieten_pillow
from photoseek.helpers.giving_way import pause_for_others, pausing_work
from photoseek.photos.animations import show_first_frame
from photoseek.photos.colour import eight_bits_of, to_srgb
from photoseek.photos.exif import orientation_of
from photoseek.photos.formats import ImageLimits, Room, opened_picture
from photoseek.photos.palette import palette_of
from photoseek.photos.phash import phash_of
from photoseek.photos.telling import traits_told
from photoseek.records import Pixels, Traits

THUMBNAIL_SIDE = 320
THUMBNAIL_QUALITY = 80

TRAITS_SIDE = 64
"""The side of the square of pixels that traits are taken from: more of them change nothing."""

MARGIN = 1.25
"""The least ratio of a picture decoded small to the model's input, before the last resize."""

REDUCING_GAP = 3
"""Pictures larger than this many times the input are first averaged down, as Pillow advises."""

BAND = 4_000_000
"""Pixels that are brought to eight bits at once; a quarter of them where they become floats."""

_FILTERS = {"bicubic": Resampling.BICUBIC, "bilinear": Resampling.BILINEAR}

_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}

_SIDEWAYS = (_UPRIGHT[5], _UPRIGHT[6], _UPRIGHT[7], _UPRIGHT[8])


@dataclass(frozen=True, slots=True)
class InputShape:
    """The picture that a model wants: a square of `size` pixels.

    As in open_clip, "shortest" brings the shortest side to `size` and crops the centre, and
    "squash" bends the whole picture into the square.
    """

    size: int
    resize_mode: Literal["shortest", "squash"] = "shortest"
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """What is left of a photo after decoding.

    `pixels` has the shape (size, size, 3), ready for normalising. `width` and `height`
    are those of the original after its EXIF orientation. `thumbnail` is a JPEG whose longest
    side is at most 320 pixels, in sRGB and without metadata, or b"" where none was asked for.
    `traits` are those of the whole picture as the thumbnail shows it.
    """

    pixels: Pixels
    width: int
    height: int
    thumbnail: bytes
    traits: Traits


def decode(
    data: bytes,
    shape: InputShape,
    limits: ImageLimits,
    *,
    thumbnail: bool = True,
    room: Room = lambda _: nullcontext(),
    sidecar: bytes = b"",
) -> DecodedPhoto:
    """Decode the bytes of one picture. Of a stack of pages the first is taken, of an animation the
    first frame with something on it.

    `sidecar` is the file of XMP beside it, which says more of it than the picture does.

    `room` is entered with the bytes of memory that it may take, before it takes them.

    Limits are checked before pixels are allocated. Whatever the bytes are, nothing is raised but
    these errors and what `room` raises. Safe to call from threads.

    Raises:
        NotAPhotoError: the bytes are of no format that can be read.
        DamagedPhotoError: they are broken.
        OversizedPhotoError: the picture has more pixels than the limits allow.
    """
    quieten_pillow()
    drafted = partial(_draft_size, size=shape.size)
    with pausing_work(), opened_picture(data, limits, room, drafted) as (picture, _, original):
        show_first_frame(picture)
        turn = _UPRIGHT.get(orientation_of(picture))
        told = traits_told(picture, data, sidecar)
        profile = picture.info.get("icc_profile")
        small, scale = _averaged(picture, original, _block(picture, shape.size))
        pause_for_others()
        square = _turned(_squared(small, original, scale, shape).convert("RGB"), turn)
        shown = _turned(to_srgb(_fitted(small, original, scale, THUMBNAIL_SIDE), profile), turn)
        encoded = _jpeg(shown) if thumbnail else b""
        width, height = original if turn not in _SIDEWAYS else original[::-1]
        return DecodedPhoto(np.array(square), width, height, encoded, _traits(shown, told))


def decode_whole(
    data: bytes,
    side: int,
    limits: ImageLimits,
    *,
    room: Room = lambda _: nullcontext(),
) -> Pixels:
    """The whole picture as people see it, upright and in sRGB, to be read.

    Its longest side is at most `side` pixels: smaller ones stay as they are. The rest is as in
    `decode`, errors too.
    """
    quieten_pillow()
    drafted = partial(_draft_to, side=side)
    with opened_picture(data, limits, room, drafted) as (picture, _, original):
        picture.load()
        turn = _UPRIGHT.get(orientation_of(picture))
        profile = picture.info.get("icc_profile")
        block = max(1, max(picture.size) // (2 * side))
        small, scale = _averaged(picture, original, block)
        shown = _turned(to_srgb(_fitted(small, original, scale, side), profile), turn)
        return np.array(shown)


def decode_thumbnail(
    data: bytes, side: int, limits: ImageLimits, *, room: Room = lambda _: nullcontext()
) -> bytes:
    """A JPEG of the whole picture as `decode_whole` gives it, without metadata."""
    return _jpeg(Image.fromarray(decode_whole(data, side, limits, room=room)))


def _draft_size(width: int, height: int, size: int) -> tuple[int, int]:
    """Choose the least size to decode a JPEG at: 1/8, 1/4, 1/2 or all of it."""
    for scale in (8, 4, 2):
        enough = min(width, height) >= size * MARGIN * scale
        if enough and max(width, height) >= THUMBNAIL_SIDE * scale:
            return width // scale, height // scale
    return width, height


def _draft_to(width: int, height: int, side: int) -> tuple[int, int]:
    """Choose the least size whose longest side is no shorter than `side`."""
    scale = next((scale for scale in (8, 4, 2) if max(width, height) >= side * scale), 1)
    return width // scale, height // scale


def _block(picture: Image.Image, size: int) -> int:
    """The side of the squares of pixels that a loaded picture is averaged by."""
    enough_for_model = min(picture.size) // (size * REDUCING_GAP)
    return max(1, min(enough_for_model, max(picture.size) // (2 * THUMBNAIL_SIDE)))


def _averaged(
    picture: ImageFile, original: tuple[int, int], block: int
) -> tuple[Image.Image, float]:
    """Bring a loaded picture to eight bits, and average whole blocks of pixels while it is far
    larger than needed: band by band, so that no second copy of all of it is made.

    Also gives the scale from the original to it. The original may fill it a little less than
    wholly: blocks at the right and lower edge hang over, in a drafted JPEG too.
    """
    drafted = max(round(original[0] / picture.width), round(original[1] / picture.height))
    convert = eight_bits_of(picture)
    if convert is None:
        small = picture.reduce(block) if block > 1 else picture
        return small, 1 / (drafted * block)
    bands = [
        convert(band).reduce(block) if block > 1 else convert(band)
        for band in _bands(picture, block)
    ]
    return _stacked(bands), 1 / (drafted * block)


def _bands(picture: Image.Image, block: int) -> Iterator[Image.Image]:
    """The picture in bands, each of whole blocks but the last."""
    most = BAND // 4 if picture.mode in ("I", "F") else BAND
    rows = max(1, most // (picture.width * block)) * block
    if rows >= picture.height:
        yield picture
        return
    for upper in range(0, picture.height, rows):
        yield picture.crop((0, upper, picture.width, min(upper + rows, picture.height)))


def _stacked(bands: Sequence[Image.Image]) -> Image.Image:
    if len(bands) == 1:
        return bands[0]
    whole = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    upper = 0
    for band in bands:
        whole.paste(band, (0, upper))
        upper += band.height
    return whole


def _squared(
    picture: Image.Image, original: tuple[int, int], scale: float, shape: InputShape
) -> Image.Image:
    """Resize and crop in one step, to the pixel where open_clip's two steps put them."""
    size, (width, height) = shape.size, original
    box = (0.0, 0.0, float(width), float(height))
    if shape.resize_mode == "shortest":
        wide, high = (size * side // min(original) for side in original)
        left, upper = round((wide - size) / 2), round((high - size) / 2)
        across, down = width / wide, height / high
        box = (left * across, upper * down, (left + size) * across, (upper + size) * down)
    filter_ = _FILTERS[shape.interpolation]
    return picture.resize((size, size), filter_, _within(picture, box, scale))


def _fitted(
    picture: Image.Image, original: tuple[int, int], scale: float, side: int
) -> Image.Image:
    """All of the picture, with `side` pixels on its longest side at most."""
    width, height = original
    shrink = min(1.0, side / max(original))
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    box = _within(picture, (0, 0, width, height), scale)
    # Hamming costs half of bicubic and is as sharp at this size.
    return picture.resize(size, Resampling.HAMMING, box)


def _within(
    picture: Image.Image, box: tuple[float, float, float, float], scale: float
) -> tuple[float, float, float, float]:
    """A box of the original in pixels of the smaller picture that was made of it."""
    left, upper, right, lower = (side * scale for side in box)
    return left, upper, min(right, picture.width), min(lower, picture.height)


def _turned(picture: Image.Image, turn: Transpose | None) -> Image.Image:
    return picture if turn is None else picture.transpose(turn)


def _traits(shown: Image.Image, told: Traits) -> Traits:
    """The traits that are told beside the pixels, with those of the pixels themselves."""
    few = shown.resize((TRAITS_SIDE, TRAITS_SIDE), Resampling.BOX)
    palette = palette_of(np.asarray(few))
    return replace(told, colour=palette.colour, colours=palette.colours, phash=phash_of(few))


def _jpeg(picture: Image.Image) -> bytes:
    picture.info.clear()  # a comment would be written along
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return buffer.getvalue()
