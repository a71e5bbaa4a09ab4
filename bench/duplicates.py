"""Are copies found, and nothing else? `python -m bench.duplicates --photos FOLDER`.

Every photo is compared with copies of itself, and with every other photo. Photos of the folder that
are copies of each other would count as mistakes, so look at the pairs that are named.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance
from PIL.Image import Resampling

from photoseek.demo.captions import caption_of
from photoseek.demo.library import jpeg_of, library_scenes
from photoseek.photos import ImageLimits, InputShape, decode
from photoseek.records import Hit, Photo, StoredPhoto
from photoseek.search.duplicates import group_duplicates

SHAPE, LIMITS = InputShape(224), ImageLimits()

Change = Callable[[Image.Image], Image.Image]


def resized(share: float) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        size = round(picture.width * share), round(picture.height * share)
        return picture.resize(size, Resampling.LANCZOS)

    return change


def cropped(left: float, upper: float, right: float, lower: float) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        width, height = picture.size
        start = round(left * width), round(upper * height)
        return picture.crop((*start, round((1 - right) * width), round((1 - lower) * height)))

    return change


def tinted(picture: Image.Image) -> Image.Image:
    warm = np.asarray(picture, float) * (1.12, 1, 0.85)
    return Image.fromarray(warm.clip(0, 255).astype(np.uint8))


COPIES: dict[str, tuple[Change, int]] = {
    "JPEG of quality 30": (resized(1), 30),
    "half the size": (resized(0.5), 85),
    "a third of the size, quality 60": (resized(1 / 3), 60),
    "1 % cut off each side": (cropped(0.01, 0.01, 0.01, 0.01), 90),
    "2.5 % cut off each side": (cropped(0.025, 0.025, 0.025, 0.025), 90),
    "5 % cut off each side": (cropped(0.05, 0.05, 0.05, 0.05), 90),
    "5 % cut off the top": (cropped(0, 0.05, 0, 0), 90),
    "without colour": (lambda picture: picture.convert("L").convert("RGB"), 90),
    "half the saturation": (lambda picture: ImageEnhance.Color(picture).enhance(0.5), 90),
    "warmer": (tinted, 90),
    "30 % darker": (lambda picture: ImageEnhance.Brightness(picture).enhance(0.7), 90),
    "25 % brighter": (lambda picture: ImageEnhance.Brightness(picture).enhance(1.25), 90),
    "30 % more contrast": (lambda picture: ImageEnhance.Contrast(picture).enhance(1.3), 90),
}


def stored(name: str, data: bytes) -> StoredPhoto:
    photo = decode(data, SHAPE, LIMITS, thumbnail=False)
    return StoredPhoto(Photo(name, name), "", photo.width, photo.height, photo.traits)


def is_copy(first: StoredPhoto, second: StoredPhoto) -> bool:
    return len(group_duplicates([Hit(1, 1.0, first), Hit(2, 0.9, second)])) == 1


def changed(data: bytes, change: Change, quality: int) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        copy = change(picture.convert("RGB"))
    buffer = io.BytesIO()
    copy.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def share_of_copies(files: list[bytes], photos: list[StoredPhoto], what: str) -> float:
    """The share of copies that are taken together with their original."""
    change, quality = COPIES[what]
    copies = [stored("copy", changed(data, change, quality)) for data in files]
    return float(np.mean([is_copy(*pair) for pair in zip(photos, copies, strict=True)]))


def confused(photos: list[StoredPhoto]) -> list[tuple[str, str]]:
    """Different photos that are taken for copies, by pairs."""
    pairs = combinations([photo for photo in photos if photo.traits.phash], 2)
    return [(one.photo.id, two.photo.id) for one, two in pairs if is_copy(one, two)]


def main() -> None:
    """Print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.duplicates", description=__doc__)
    parser.add_argument("--photos", type=Path, help="folder of JPEGs; else only drawings")
    parser.add_argument("--drawings", type=int, default=600, help="drawings of the demo library")
    given = parser.parse_args()
    paths = sorted(given.photos.rglob("*.jpg")) if given.photos else []
    sets = {"drawings": [(caption_of(s), jpeg_of(s)) for s in library_scenes(given.drawings)]}
    if paths:
        sets["photos"] = [(path.name, path.read_bytes()) for path in paths]
    for kind, named in sets.items():
        photos = [stored(name, data) for name, data in named]
        wrong, pairs = confused(photos), len(photos) * (len(photos) - 1) // 2
        print(
            f"\n{len(photos)} {kind}: {len(wrong)} of {pairs:,} different pairs taken together",
            *wrong,
        )
        print(f"\n| copies of {kind} | found |\n| --- | ---: |")
        files = [data for _, data in named][:: max(1, len(named) // 120)]
        some = photos[:: max(1, len(named) // 120)]
        for what in COPIES:
            print(f"| {what} | {share_of_copies(files, some, what):.1%} |", flush=True)


if __name__ == "__main__":
    main()
