"""Decode photos as photoseek does and as open_clip does, side by side.

    python -m bench.decode                    # drawn photos
    python -m bench.decode --photos FOLDER    # your own, enlarged to each size

open_clip's way is what its users write: Pillow opens and decodes the whole picture, and the
preprocessing that comes with the model resizes and crops it. Both are measured up to the square
of 8-bit pixels; turning it into a tensor is the same work for both. Times are CPU time of one
thread, the best of several runs, so that a busy machine does not show.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from open_clip import create_model
from open_clip.transform import image_transform
from PIL import Image, ImageFilter

from photoseek.photos import ImageLimits, InputShape, decode
from photoseek.records import Pixels

SHAPE = InputShape(224)
LIMITS = ImageLimits()
SIZES = {"0.2": (400, 533), "2": (1224, 1632), "12": (3000, 4000), "24": (4000, 6000)}

_TRANSFORM = image_transform(SHAPE.size, is_train=False)


def whole(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def as_open_clip(data: bytes) -> Image.Image:
    picture: Image.Image = whole(data)
    for step in _TRANSFORM.transforms[:-2]:  # the last two make a tensor and normalise it
        picture = step(picture)
    return picture


def drawn(seed: int, size: tuple[int, int]) -> Image.Image:
    """Draw soft shapes of many sizes: as much detail as a photo has, at every scale."""
    dice = np.random.default_rng(seed)
    width, height = size
    picture = np.full((height, width, 3), 128.0)
    for cells in (3, 7, 17, 43, 107, 211):
        noise = dice.normal(0, 110 / cells**0.45, (cells, cells, 3)).clip(-127, 127) + 128
        layer = Image.fromarray(noise.astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
        picture += np.asarray(layer, float) - 128
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def photographed(picture: Image.Image, size: tuple[int, int], form: str) -> bytes:
    """Bring a picture to a size, with the grain of a camera where it had to be enlarged."""
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
        grain = np.random.default_rng(0).normal(0, 4, (size[1], size[0], 1))
        pixels = (np.asarray(picture, float) + grain).clip(0, 255).astype(np.uint8)
        picture = Image.fromarray(pixels).filter(ImageFilter.SHARPEN)
    buffer = io.BytesIO()
    picture.save(buffer, form, **({"quality": 88} if form == "JPEG" else {"compress_level": 1}))
    return buffer.getvalue()


def milliseconds(work: Callable[[bytes], object], files: list[bytes], runs: int) -> float:
    """Give the best CPU time for a file, averaged over files."""
    total = 0.0
    for data in files:
        work(data)
        best = float("inf")
        for _ in range(runs):
            start = time.thread_time()
            work(data)
            best = min(best, time.thread_time() - start)
        total += best
    return 1000 * total / len(files)


def row(label: str, form: str, files: list[bytes], runs: int) -> str:
    plain = milliseconds(whole, files, runs)
    theirs = milliseconds(as_open_clip, files, runs)
    input_only = milliseconds(
        lambda data: decode(data, SHAPE, LIMITS, thumbnail=False), files, runs
    )
    ours = milliseconds(lambda data: decode(data, SHAPE, LIMITS), files, runs)
    megabytes = sum(map(len, files)) / len(files) / 1e6
    return (
        f"| {label} MP {form} | {megabytes:.2f} | {plain:.1f} | {theirs:.1f} | {input_only:.1f} "
        f"| {ours:.1f} | {theirs / ours:.1f} x |"
    )


def likeness(files: list[bytes]) -> str:
    """Compare the inputs, and what ViT-B-32 makes of them with random weights."""
    torch.manual_seed(0)
    model = create_model("ViT-B-32").eval()
    theirs = [np.array(as_open_clip(data)) for data in files]
    ours = [decode(data, SHAPE, LIMITS, thumbnail=False).pixels for data in files]
    apart = [
        float(np.abs(a.astype(int) - b.astype(int)).mean())
        for a, b in zip(theirs, ours, strict=True)
    ]

    def encoded(pixels: list[Pixels]) -> torch.Tensor:
        normalise = torch.nn.Sequential(*_TRANSFORM.transforms[-1:])
        batch = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float() / 255
        with torch.inference_mode():
            vectors = [model.encode_image(normalise(part)) for part in torch.split(batch, 32)]
        return torch.nn.functional.normalize(torch.cat(vectors), dim=-1)

    cosine = (encoded(theirs) * encoded(ours)).sum(-1)
    return f"{np.mean(apart):.2f} | {max(apart):.2f} | {cosine.mean():.5f} | {cosine.min():.5f} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--photos", type=Path, help="folder of JPEGs to enlarge; drawn ones otherwise"
    )
    parser.add_argument("--count", type=int, default=4, help="photos of each size (default 4)")
    parser.add_argument("--runs", type=int, default=7, help="runs of each, best counts (default 7)")
    given = parser.parse_args()
    torch.set_num_threads(1)

    paths = sorted(given.photos.rglob("*.jpg")) if given.photos else []
    step = max(1, len(paths) // given.count)
    chosen = [Image.open(path).convert("RGB") for path in paths[::step][: given.count]]

    def files(size: tuple[int, int], form: str) -> list[bytes]:
        pictures = chosen or [drawn(seed, size) for seed in range(given.count)]
        return [photographed(picture, size, form) for picture in pictures]

    sets = {(label, "JPEG"): files(size, "JPEG") for label, size in SIZES.items()}
    sets["12", "PNG"] = files(SIZES["12"], "PNG")

    print("| photo | MB | decode alone | open_clip | input only | with thumbnail | ratio |")
    print("|---|---|---|---|---|---|---|")
    for (label, form), some in sets.items():
        print(row(label, form, some, given.runs), flush=True)
    print(
        "\nMilliseconds of CPU for one photo. Ratio: open_clip to photoseek with its thumbnail.\n"
    )
    print("| photo | pixels apart, mean | worst | cosine, mean | worst |")
    print("|---|---|---|---|---|")
    for (label, form), some in sets.items():
        print(f"| {label} MP {form} | {likeness(some)}", flush=True)
    if paths:
        print(f"| all {len(paths)} as they are | {likeness([path.read_bytes() for path in paths])}")


if __name__ == "__main__":
    main()
