"""The store alone, no model and no network: how fast it takes photos in and finds them.

    python -m bench.store --rows 100000 --dimensions 512

Vectors are random (the worst case for any index: nothing is near anything) or lie in clusters
of about a hundred, as photos of like things do. Recall@10 is against NumPy.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Condition, EncodedPhoto, ModelIdentity, Photo, Vector
from photoseek.store import PhotoStore, open_store

BATCH = 1000
TOP_K = 10
QUERIES = 100
THUMBNAIL = b"\xff\xd8" + bytes(8_000) + b"\xff\xd9"
RARE = Condition("licence", "=", "rare")  # 1 %
HALF = Condition("licence", "!=", "half")  # 50 %
Matrix = NDArray[np.float32]


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.store", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--dimensions", type=int, default=512)
    options = parser.parse_args()
    print(f"{options.rows:,} x {options.dimensions}, {os.cpu_count()} cores\n")
    for kind in ("random", "clustered"):
        with tempfile.TemporaryDirectory() as folder:
            print(*measure(Path(folder), kind, options.rows, options.dimensions), sep="\n")
    return 0


def measure(folder: Path, kind: str, rows: int, dimensions: int) -> list[str]:
    """The lines of two tables: what writing costs, and what searches take."""
    vectors = make_vectors(kind, rows + QUERIES, dimensions)
    queries, vectors = vectors[:QUERIES], vectors[QUERIES:]
    store = open_store(folder / "index", ModelIdentity("bench", kind, dimensions))
    lines = [f"\n{kind} vectors\n", "| what | figure |", "| --- | ---: |"]
    lines += write_lines(store, vectors)
    lines += ["", "| search | p50, ms | p99, ms | recall@10 |", "| --- | ---: | ---: | ---: |"]
    every, few = np.arange(rows), np.arange(0, rows, 100)
    half = np.flatnonzero(np.array([licence(row) != "half" for row in range(rows)]))
    for name, where, among in (("all", (), every), ("1 %", (RARE,), few), ("50 %", (HALF,), half)):
        for exact in (True, False):
            label = f"{name}, {'exact' if exact else 'as it comes'}"
            lines.append(search_line(store, label, queries, vectors, among, where, exact))
    return lines + read_lines(store, rows)


def write_lines(store: PhotoStore, vectors: Matrix) -> list[str]:
    """Fill the store, then replace, look up and maintain."""
    rows = len(vectors)
    loading = seconds(lambda: fill(store, vectors))
    ids = [photo_id(row) for row in np.random.default_rng(1).integers(0, 2 * rows, 2000)]
    build = seconds(store.maintain)
    idle = min(seconds(store.maintain) for _ in range(5))
    known = min(seconds(lambda: store.known(ids)) for _ in range(5))
    one = min(seconds(lambda: store.known(ids[:1])) for _ in range(5))
    again = min(seconds(lambda: fill(store, vectors[:BATCH])) for _ in range(5))
    return [
        f"| append, rows/s in batches of {BATCH} | {rows / loading:,.0f} |",
        f"| first maintain (indexes built), s | {build:.1f} |",
        f"| maintain with nothing to do, ms | {1000 * idle:.1f} |",
        f"| known, ids/s by 2000 | {len(ids) / known:,.0f} |",
        f"| known, one id, ms | {1000 * one:.1f} |",
        f"| replace {BATCH} rows, ms | {1000 * again:.0f} |",
        f"| bytes on disk, MB | {store.size() / 1e6:,.0f} |",
    ]


def read_lines(store: PhotoStore, rows: int) -> list[str]:
    """What is read without a vector."""
    numbers = np.random.default_rng(2).integers(0, rows, 20).tolist()
    reads: dict[str, Callable[[int], object]] = {
        "keywords, one photo has it": lambda number: store.keywords(str(number), TOP_K),
        "keywords, 1 % have one, all the other": lambda number: store.keywords(
            f"series {number % 100}", TOP_K
        ),
        "keywords, all have it alike": lambda _: store.keywords("hill", TOP_K),
        "the newest": lambda number: store.browse(TOP_K, offset=number % 100),
        "facets, for the first time": lambda number: store.facets(
            [Condition("id", "!=", str(number))]
        ),
        "facets, again": lambda _: store.facets(),
        "a sample of 1,000 vectors": lambda _: store.sample(1000),
    }
    lines = ["", "| read | p50, ms |", "| --- | ---: |"]
    for name, read in reads.items():
        read(rows)
        times = [seconds(partial(read, number)) for number in numbers]
        lines.append(f"| {name} | {1000 * np.percentile(times, 50):.1f} |")
    return lines


@dataclass(frozen=True)
class Searched:
    """What a hundred searches took, in milliseconds, and which part of the nearest they found."""

    median: float
    slowest: float
    recall: float


def search_line(
    store: PhotoStore,
    label: str,
    queries: Matrix,
    vectors: Matrix,
    among: NDArray[np.int64],
    where: Sequence[Condition],
    exact: bool,
) -> str:
    """Time and recall of one way to search."""
    figures = searched(store, queries, vectors, among, where, exact)
    return line_of(label, figures)


def line_of(label: str, figures: Searched) -> str:
    """A line of the table of searches."""
    return f"| {label} | {figures.median:.1f} | {figures.slowest:.1f} | {figures.recall:.3f} |"


def searched(
    store: PhotoStore,
    queries: Matrix,
    vectors: Matrix,
    among: NDArray[np.int64],
    where: Sequence[Condition],
    exact: bool,
) -> Searched:
    """Time and recall of one way to search, after a first search."""
    candidates = vectors[among]
    store.search(queries[0], TOP_K, where=where, exact=exact)
    times, found = [], 0
    for query in queries:
        start = time.perf_counter()
        hits = store.search(query, TOP_K, where=where, exact=exact)
        times.append(1000 * (time.perf_counter() - start))
        nearest = among[np.argsort(-(candidates @ query))[:TOP_K]]
        found += len({photo_id(row) for row in nearest} & {hit.stored.photo.id for hit in hits})
    median, slowest = np.percentile(times, 50), np.percentile(times, 99)
    return Searched(float(median), float(slowest), found / TOP_K / len(queries))


def fill(store: PhotoStore, vectors: Matrix) -> None:
    """Store all vectors, a batch a commit."""
    for start in range(0, len(vectors), BATCH):
        batch = vectors[start : start + BATCH]
        store.upsert([encoded(start + i, vector) for i, vector in enumerate(batch)])


def encoded(row: int, vector: Vector) -> EncodedPhoto:
    """A photo with the texts that a stock photo comes with, and a thumbnail of its own."""
    photo = Photo(
        id=photo_id(row),
        uri=f"/photos/2024/summer/{row}.jpg",
        version="123456-1700000000",
        caption=f"a dog on a hill near the sea, number {row}",
        tags=("dog", "hill", f"series {row % 100}"),
        photographer=f"photographer {row % 50}",
        licence=licence(row),
    )
    return EncodedPhoto(photo, photo.id, 4000, 3000, vector, THUMBNAIL)


def licence(row: int) -> str:
    """One in a hundred is rare, every other one half."""
    return "rare" if row % 100 == 0 else "half" if row % 2 else "other"


def photo_id(row: int) -> str:
    """An id like those that sources make."""
    return blake2b(str(row).encode(), digest_size=16).hexdigest()


def make_vectors(kind: str, rows: int, dimensions: int) -> Matrix:
    """Unit vectors, shape (rows, dimensions)."""
    random = np.random.default_rng(0)
    vectors = random.standard_normal((rows, dimensions), dtype=np.float32)
    if kind == "clustered":
        centres = random.standard_normal((max(1, rows // 100), dimensions), dtype=np.float32)
        vectors *= np.float32(0.7)  # a cosine of about 0.67 between neighbours
        vectors += centres[random.integers(0, len(centres), rows)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def seconds(action: Callable[[], object | None]) -> float:
    """How long an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
