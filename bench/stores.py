"""Stores side by side on one machine: how fast each takes photos in, and how it finds them.

    python -m bench.stores data/bench elastic+http://127.0.0.1:9200/bench milvus://127.0.0.1:19530/bench

Each place must be new. `--vectors` and `--queries` are .npy files of unit vectors, such as those of
a CLIP model for your photos and for texts; without them vectors lie in clusters. Recall@10 is
against NumPy. Searches are those of a process that has the store for itself.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable

import numpy as np

from bench.store import (
    HALF,
    QUERIES,
    RARE,
    TOP_K,
    Matrix,
    fill,
    licence,
    make_vectors,
    search_line,
    seconds,
)
from photoseek.records import ModelIdentity
from photoseek.store import PhotoStore, open_store


def main() -> int:
    """Measure each store in turn and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.stores", description=__doc__)
    parser.add_argument("places", nargs="+", help="folders, or addresses as --index takes them")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--vectors", help="a .npy file, shape (rows or more, dimensions)")
    parser.add_argument("--queries", help="a .npy file, shape (queries, dimensions)")
    options = parser.parse_args()
    vectors, queries = _vectors(options.rows, options.vectors, options.queries)
    print(f"{len(vectors):,} x {vectors.shape[1]}, {len(queries)} queries, {os.cpu_count()} cores")
    for place in options.places:
        identity = ModelIdentity("bench", "vectors", vectors.shape[1])
        lines = _lines(open_store(place, identity), vectors, queries)
        print(f"\n{place}\n", *lines, sep="\n", flush=True)
    return 0


def _vectors(rows: int, photos: str | None, texts: str | None) -> tuple[Matrix, Matrix]:
    if photos is None:
        made = make_vectors("clustered", rows + QUERIES, 512)
        return made[QUERIES:], made[:QUERIES]
    vectors = np.load(photos)[:rows].astype(np.float32)
    return vectors, (vectors if texts is None else np.load(texts))[:QUERIES].astype(np.float32)


def _lines(store: PhotoStore, vectors: Matrix, queries: Matrix) -> list[str]:
    """What writing costs, what searches take, and what is read without a vector."""
    rows = len(vectors)
    loading = seconds(lambda: fill(store, vectors))
    upkeep = seconds(store.maintain)
    lines = ["| what | figure |", "| --- | ---: |"]
    lines += [f"| append, rows/s | {rows / loading:,.0f} |", f"| upkeep, s | {upkeep:.1f} |"]
    lines += ["", "| search | p50, ms | p99, ms | recall@10 |", "| --- | ---: | ---: | ---: |"]
    half = np.flatnonzero(np.array([licence(row) != "half" for row in range(rows)]))
    every, few = np.arange(rows), np.arange(0, rows, 100)
    for name, where, among in (("all", (), every), ("1 %", (RARE,), few), ("50 %", (HALF,), half)):
        lines.append(search_line(store, name, queries, vectors, among, where, exact=False))
    reads: dict[str, Callable[[], object]] = {
        "keywords, 1 % have one": lambda: store.keywords("series 7", TOP_K),
        "the newest": lambda: store.browse(TOP_K),
        "facets": lambda: store.facets(),
    }
    lines += ["", "| read | p50, ms |", "| --- | ---: |"]
    lines += [f"| {name} | {_median(read):.1f} |" for name, read in reads.items()]
    return lines


def _median(read: Callable[[], object]) -> float:
    """Milliseconds, of ten reads after a first one."""
    read()
    times = []
    for _ in range(10):
        start = time.perf_counter()
        read()
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times))


if __name__ == "__main__":
    sys.exit(main())
