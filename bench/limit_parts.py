"""What each part of indexing a photo costs alone: milliseconds of CPU time for a photo."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from bench.store import encoded
from photoseek.fetch import PhotoReader
from photoseek.indexing.model_on_demand import ModelOnDemand
from photoseek.model import ClipModel
from photoseek.photos import ImageLimits, InputShape, decode, tell
from photoseek.photos.palette import palette_of
from photoseek.photos.phash import phash_of
from photoseek.records import ModelIdentity, Pixels, content_hash
from photoseek.store import open_store

BATCH = 32
ALIKE = 0.999
"""The least cosine similarity to the vector of the photo that was decoded whole."""

LIMITS = ImageLimits()


Tower = ClipModel | ModelOnDemand
"""A model that makes vectors of pictures."""


def cheapest_scale(model: Tower, files: Sequence[bytes]) -> int:
    """The most that JPEGs can be decoded smaller by: with the pixels that the model takes at least,
    and with the vectors of the whole pictures.
    """
    whole = model.encode_images([_input(data, model.input_shape, 1) for data in files])
    for scale in (8, 4, 2):
        if min(Image.open(io.BytesIO(files[0])).size) < model.input_shape.size * scale:
            continue
        made = model.encode_images([_input(data, model.input_shape, scale) for data in files])
        if (made * whole).sum(axis=1).min() >= ALIKE:
            return scale
    return 1


def limit_parts(model: Tower, files: Sequence[bytes], scale: int) -> dict[str, float]:
    """The tower in full batches, and decoding to its input and no more: what cannot be left out."""
    shape = model.input_shape
    one = decode(files[0], shape, LIMITS, thumbnail=False).pixels
    model.encode_images([one])
    with _one_thread_of_torch():
        tower = _least(lambda _: model.encode_images([one] * BATCH), (0,)) / BATCH
    return {
        "tower": tower,
        "decode": _least(lambda data: _input(data, shape, scale), files),
    }


def other_parts(
    model: Tower, paths: Sequence[Path], decoding: float, work: Path
) -> dict[str, float]:
    """What comes to that; `decoding` is what the limit has of it."""
    shape, reader = model.input_shape, PhotoReader(roots=None)
    files = [path.read_bytes() for path in paths]
    pictures = [
        Image.open(io.BytesIO(decode(data, shape, LIMITS).thumbnail)).resize((64, 64))
        for data in files
    ]
    parts = {
        "read": _least(lambda path: reader.read(str(path)), paths),
        "hash": _least(content_hash, files),
        "metadata": _least(lambda data: tell(data, LIMITS), files),
        "phash": _least(phash_of, pictures),
        "colours": _least(lambda picture: palette_of(np.asarray(picture)), pictures),
    }
    whole = _least(lambda data: decode(data, shape, LIMITS), files)
    others = decoding + parts["metadata"] + parts["phash"] + parts["colours"]
    parts["thumbnail"] = max(0.0, whole - others)
    parts["commit"] = _commit(model.identity, work)
    return parts


@contextmanager
def _one_thread_of_torch() -> Iterator[None]:
    """Inside, torch has one thread: its others are busy waiting for one that has no processor."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _input(data: bytes, shape: InputShape, scale: int) -> Pixels:
    """The square that the model takes, decoded that much smaller and resized in one step."""
    picture: Any = Image.open(io.BytesIO(data))
    picture.draft("RGB", (picture.width // scale, picture.height // scale))
    side = min(picture.size)
    left, upper = (picture.width - side) / 2, (picture.height - side) / 2
    box = (left, upper, left + side, upper + side)
    square = picture.resize((shape.size, shape.size), Image.Resampling.BICUBIC, box, reducing_gap=3)
    return np.array(square)


def _commit(identity: ModelIdentity, work: Path) -> float:
    """A photo of a batch in the embedded store, with its thumbnail, all threads counted."""
    vectors = np.random.default_rng(0).standard_normal(
        (10 * BATCH, identity.dimensions), np.float32
    )
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = [
        replace(encoded(row, vector), thumbnail=bytes(8_000), content_hash=f"{row:032x}")
        for row, vector in enumerate(vectors)
    ]
    with tempfile.TemporaryDirectory(dir=work) as folder:
        store = open_store(Path(folder) / "index", identity)
        store.upsert(rows[:BATCH])
        start = time.process_time()
        for first in range(BATCH, len(rows), BATCH):
            store.upsert(rows[first : first + BATCH])
        return 1000 * (time.process_time() - start) / (len(rows) - BATCH)


def _least(work: Callable[[Any], object], items: Iterable[Any], runs: int = 3) -> float:
    """The least CPU time for one of the items, all threads counted."""
    times, given = [], list(items)
    for _ in range(runs):
        start = time.process_time()
        for item in given:
            work(item)
        times.append(time.process_time() - start)
    return 1000 * min(times) / len(given)
