"""Drawings at a model's size, as arrays: what training and measuring look at."""

from __future__ import annotations

import io
import itertools
import multiprocessing
import random
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoseek.demo.library import jpeg_of
from photoseek.demo.scene import scene_of
from photoseek.files.atomic import replacing

Pixels = NDArray[np.uint8]

CHUNK = 500
LONGEST_SIDES = (256, 320, 384, 480, 640)
QUALITIES = (75, 88, 95)


def squash(image: Image.Image, image_size: int) -> Image.Image:
    """Resize to a square as OpenCLIP does for `resize_mode: squash` with bicubic filtering."""
    return image.convert("RGB").resize((image_size, image_size), Image.Resampling.BICUBIC)


def drawing_pixels(seed: int, image_size: int) -> Pixels:
    """One drawing, saved as JPEG at a size that its seed chooses, decoded, squashed: [S, S, 3]."""
    rng = random.Random(f"jpeg-{seed}")
    jpeg = jpeg_of(scene_of(seed), rng.choice(LONGEST_SIDES), rng.choice(QUALITIES))
    with Image.open(io.BytesIO(jpeg)) as image:
        return np.asarray(squash(image, image_size), dtype=np.uint8)


def chunk_pixels(seeds: Sequence[int], image_size: int) -> Pixels:
    """Several drawings: [N, S, S, 3]."""
    return np.stack([drawing_pixels(seed, image_size) for seed in seeds])


def training_seeds(count: int, pair_share: float) -> list[int]:
    """The lowest seeds of which `pair_share` draw two subjects, in order.

    Two subjects in their own colours are the hardest to learn and rare in the library.
    """
    wanted = {2: round(count * pair_share)}
    wanted[1] = count - wanted[2]
    seeds: list[int] = []
    for seed in itertools.count():
        if len(seeds) == count:
            break
        figures = len(scene_of(seed).figures)
        if wanted[figures]:
            wanted[figures] -= 1
            seeds.append(seed)
    return seeds


def load_drawings(
    seeds: Sequence[int],
    image_size: int,
    cache: Path,
    workers: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> Pixels:
    """Draw `seeds`, or read what `cache` already holds: [N, S, S, 3].

    The cache is written chunk by chunk, so an interrupted run goes on where it stopped.
    """
    cache.mkdir(parents=True, exist_ok=True)
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    paths = [cache / f"{image_size}-{zlib.crc32(repr(chunk).encode()):08x}.npy" for chunk in chunks]
    missing = [(c, p) for c, p in zip(chunks, paths, strict=True) if not p.exists()]
    if missing:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            draw = partial(chunk_pixels, image_size=image_size)
            drawn = pool.map(draw, [chunk for chunk, _ in missing])
            for done, ((_, path), pixels) in enumerate(zip(missing, drawn, strict=True), 1):
                with replacing(path, part=path.with_suffix(".part.npy")) as part:
                    np.save(part, pixels)
                if progress:
                    progress(len(chunks) - len(missing) + done, len(chunks))
    return np.concatenate([np.load(path) for path in paths])
