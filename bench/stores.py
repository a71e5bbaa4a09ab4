"""Stores side by side on one machine: how fast each takes photos in, and how it finds them.

    python -m bench.stores data/bench elastic+http://127.0.0.1:9200/bench milvus://127.0.0.1:19530/bench

Each place must be new. Searches are measured as the store is when all is loaded, and after its
upkeep. In the end there is one table of all of them, which `docs/stores.md` has.
`--vectors` and `--queries` are .npy files of unit vectors, such as those of
a CLIP model for your photos and for texts; without them vectors lie in clusters. Recall@10 is
against NumPy. Searches are those of a process that has the store for itself. "Bare client" is the
same search by the engine's own client (`bench/bare.py`), asked in turn with those of the store.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bench.bare import bare_client
from bench.store import (
    HALF,
    QUERIES,
    RARE,
    TOP_K,
    Matrix,
    fill,
    licence,
    line_of,
    make_vectors,
    searched,
    seconds,
)
from photoseek.errors import QueryError
from photoseek.records import Condition, ModelIdentity
from photoseek.store import PhotoStore, open_store

HEAD = (
    "| store | loaded: recall@10 | p50, ms | after upkeep: recall@10 | p50, ms | among 1 %, ms | "
    "10 %, ms | 34 %, ms | 50 %, ms | bare client, ms | added, ms | rows/s | upkeep, s |"
)
RULE = "| --- |" + " ---: |" * 12
PHOTOGRAPHERS = 50


def main() -> int:
    """Measure each store in turn and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.stores", description=__doc__)
    parser.add_argument("places", nargs="+", help="folders, or addresses as --index takes them")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--vectors", help="a .npy file, shape (rows or more, dimensions)")
    parser.add_argument(
        "--rest", type=int, default=0, help="seconds for what engines do after upkeep was asked for"
    )
    parser.add_argument("--queries", help="a .npy file, shape (queries, dimensions)")
    options = parser.parse_args()
    vectors, queries = _vectors(options.rows, options.vectors, options.queries)
    print(f"{len(vectors):,} x {vectors.shape[1]}, {len(queries)} queries, {os.cpu_count()} cores")
    table = [HEAD, RULE]
    for place in options.places:
        identity = ModelIdentity("bench", "vectors", vectors.shape[1])
        lines, summary = _measured(
            place, open_store(place, identity), vectors, queries, options.rest
        )
        print(f"\n{place}\n", *lines, sep="\n", flush=True)
        table.append(summary)
    print("\nside by side\n", *table, sep="\n")
    return 0


def _vectors(rows: int, photos: str | None, texts: str | None) -> tuple[Matrix, Matrix]:
    if photos is None:
        made = make_vectors("clustered", rows + QUERIES, 512)
        return made[QUERIES:], made[:QUERIES]
    vectors = np.load(photos)[:rows].astype(np.float32)
    return vectors, (vectors if texts is None else np.load(texts))[:QUERIES].astype(np.float32)


def _measured(
    place: str, store: PhotoStore, vectors: Matrix, queries: Matrix, rest: int
) -> tuple[list[str], str]:
    """What writing costs, what searches take, what is read without a vector; and a line of all."""
    rows = len(vectors)
    loading = seconds(lambda: fill(store, vectors))
    every, few = np.arange(rows), np.arange(0, rows, 100)
    loaded = searched(store, queries, vectors, every, (), exact=False)
    upkeep = seconds(store.maintain)
    time.sleep(rest)
    lines = ["| what | figure |", "| --- | ---: |"]
    lines += [f"| append, rows/s | {rows / loading:,.0f} |", f"| upkeep, s | {upkeep:.1f} |"]
    lines += ["", "| search | p50, ms | p99, ms | recall@10 |", "| --- | ---: | ---: | ---: |"]
    half = np.flatnonzero(np.array([licence(row) != "half" for row in range(rows)]))
    ways = {
        "all": ((), every),
        "1 %": ((RARE,), few),
        "10 %": _by(5, rows),
        "34 %": _by(17, rows),
        "50 %": ((HALF,), half),
    }
    found = {
        name: searched(store, queries, vectors, among, where, exact=False)
        for name, (where, among) in ways.items()
    }
    lines += [line_of("all, as loaded", loaded)]
    lines += [line_of(name, figures) for name, figures in found.items()]
    reads: dict[str, Callable[[], object]] = {
        "keywords, 1 % have one": lambda: store.keywords("series 7", TOP_K),
        "the newest": lambda: store.browse(TOP_K),
        "facets": lambda: store.facets(),
    }
    lines += ["", "| read | p50, ms |", "| --- | ---: |"]
    lines += [f"| {name} | {_told(read)} |" for name, read in reads.items()]
    cells = [f"{loaded.recall:.3f}", f"{loaded.median:.1f}", f"{found['all'].recall:.3f}"]
    cells += [*(f"{each.median:.1f}" for each in found.values())]
    cells += [*_beside_bare(place, store, queries), f"{rows / loading:,.0f}", f"{upkeep:.0f}"]
    name = place.partition("://")[0].partition("+")[0] if "://" in place else "folder"
    return lines, f"| {name} | {' | '.join(cells)} |"


def _by(count: int, rows: int) -> tuple[tuple[Condition], NDArray[np.int64]]:
    """A filter by some of the photographers, and the rows that it leaves."""
    names = tuple(f"photographer {number}" for number in range(count))
    among = np.flatnonzero(np.arange(rows) % PHOTOGRAPHERS < count)
    return (Condition("photographer", "in", names),), among


def _beside_bare(place: str, store: PhotoStore, queries: Matrix) -> tuple[str, str]:
    """Milliseconds of the bare client, and what the store takes beyond them."""
    bare = bare_client(place)
    if bare is None:
        return "", ""
    alone, whole = [], []
    for query in queries:  # in turn, so that both meet the same load
        alone.append(1000 * seconds(partial(bare, query)))
        whole.append(1000 * seconds(partial(store.search, query, TOP_K)))
    median = float(np.median(alone[1:]))
    return f"{median:.1f}", f"{float(np.median(whole[1:])) - median:.1f}"


def _told(read: Callable[[], object]) -> str:
    """Milliseconds, or that the store refuses."""
    try:
        return f"{_median(read):.1f}"
    except QueryError:
        return "refused"


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
