"""The photos of `bench million`: texts as stock photos have, vectors as CLIP's, no pixels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import clip_like
from bench.clip_like import DIMENSIONS, Matrix
from bench.store import encoded as with_texts
from bench.store import photo_id
from photoseek.records import Condition, EncodedPhoto, ModelIdentity, Vector

MODEL = ModelIdentity("bench", "clip-like", DIMENSIONS)
SHARES = {"half": 0.5, "tenth": 0.1, "percent": 0.01, "permille": 0.001}
"""Licences, and the share of the photos that has each."""


def encoded(row: int, vector: Vector) -> EncodedPhoto:
    """A photo as `bench.store` makes it, of which nothing is kept but its row."""
    full = with_texts(row, vector)
    photo = replace(full.photo, licence=licence(row))
    return replace(full, photo=photo, thumbnail=b"", keep="none")


def licence(row: int) -> str:
    """Which licence a photo has, by the shares."""
    place, end = row % 1000, 0.0
    for name, share in SHARES.items():
        end += 1000 * share
        if place < end:
            return name
    return "other"


def having(name: str, rows: int) -> NDArray[np.int64]:
    """The rows with a licence."""
    places = [place for place in range(1000) if licence(place) == name]
    every = np.arange(0, rows, 1000)[:, None] + np.array(places)
    those: NDArray[np.int64] = every[every < rows]
    return those


def only(name: str) -> list[Condition]:
    """The filter for a licence; none for ""."""
    return [Condition("licence", "=", name)] if name else []


def write_vectors(path: Path, first: int, count: int) -> Matrix:
    """Vectors of photos, also added to a file for exact answers later."""
    vectors = clip_like.photos(count, seed=1_000_000 + first)
    with path.open("ab") as file:
        file.write(vectors.tobytes())
    return vectors


def mapped(path: Path) -> Matrix:
    """All vectors of such a file, which stay there."""
    return np.memmap(path, np.float32, "r").reshape(-1, DIMENSIONS)


def nearest(
    vectors: Matrix, queries: Matrix, top_k: int, among: NDArray[np.int64] | None = None
) -> list[set[str]]:
    """The ids of the photos that are nearest to each query, exactly."""
    rows = np.arange(len(vectors)) if among is None else among
    scores = np.empty((len(queries), 0), np.float32)
    kept = np.empty((len(queries), 0), np.int64)
    for start in range(0, len(rows), 50_000):
        part = rows[start : start + 50_000]
        scores = np.hstack([scores, queries @ vectors[part].T])
        kept = np.hstack([kept, np.broadcast_to(part, (len(queries), len(part)))])
        best = np.argpartition(-scores, min(top_k, scores.shape[1]) - 1, axis=1)[:, :top_k]
        scores = np.take_along_axis(scores, best, axis=1)
        kept = np.take_along_axis(kept, best, axis=1)
    return [{photo_id(int(row)) for row in each} for each in kept]
