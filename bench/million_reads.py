"""What a process that only reads an index takes: time, memory, and what it finds.

    python -m bench.million_reads INDEX VECTORS ROWS [--all]

It prints JSON. `bench million` runs it, so that its caches are cold and its memory is its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np

from bench import clip_like
from bench.clip_like import Matrix
from bench.million_photos import MODEL, SHARES, having, mapped, nearest, only
from photoseek.records import Condition
from photoseek.store import PhotoStore, open_store

TOP_K, QUERIES = 10, 100
_EXACT_QUERIES = 5
Figures = dict[str, float]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.million_reads", description=__doc__)
    parser.add_argument("index")
    parser.add_argument("vectors", type=Path)
    parser.add_argument("rows", type=int)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    queries = clip_like.texts(QUERIES, seed=7)
    figures: dict[str, Figures] = {}
    store = open_store(options.index, MODEL)
    vectors = mapped(options.vectors)[: options.rows]
    figures["all"] = searched(store, queries, vectors, "")
    if options.all:
        for name in SHARES:
            figures[name] = searched(store, queries, vectors, name)
        figures["reads"] = reads(store, queries, options.rows)
        figures["exact"] = exact(store, queries, vectors)
    print(json.dumps(figures))
    return 0


def searched(store: PhotoStore, queries: Matrix, vectors: Matrix, name: str) -> Figures:
    """Time and recall@10 of searches with a filter, and memory after them."""
    times, found = [], []
    where = only(name)
    for query in queries:
        start = time.perf_counter()
        hits = store.search(query, TOP_K, where=where)
        times.append(1000 * (time.perf_counter() - start))
        found.append({hit.stored.photo.id for hit in hits})
    memory = anonymous_memory()
    right = nearest(vectors, queries, TOP_K, having(name, len(vectors)) if name else None)
    shares = [len(a & b) / max(1, len(b)) for a, b in zip(found, right, strict=True)]
    warm = times[1:]
    return {
        "first_ms": times[0],
        "p50_ms": float(np.percentile(warm, 50)),
        "p99_ms": float(np.percentile(warm, 99)),
        "recall": float(np.mean(shares)),
        "memory_gb": memory,
    }


def reads(store: PhotoStore, queries: Matrix, rows: int) -> Figures:
    """Milliseconds of what is asked besides: medians, and one first time."""
    asked: dict[str, Callable[[int], object]] = {
        "a word that all have": lambda _: store.keywords("hill", TOP_K),
        "a word that 1 % have": lambda number: store.keywords(f"series {number % 100}", TOP_K),
        "a word that one has": lambda number: store.keywords(str(number), TOP_K),
        "facets, with a new filter": lambda number: store.facets(
            [Condition("id", "!=", str(number))]
        ),
        "facets, once more": lambda _: store.facets(),
        "a search with one of 103 tags": lambda number: store.search(
            queries[number % QUERIES],
            TOP_K,
            where=[Condition("tags", "=", f"series {number % 100}")],
        ),
        "hits 5,000 to 5,020": lambda number: store.search(
            queries[number % QUERIES], 20, offset=5_000
        ),
        "the newest": lambda number: store.browse(TOP_K, offset=number % 100),
        "20 photos by their content hashes": lambda number: store.browse(
            20, where=[Condition("content_hash", "in", tuple(_hashes(number, rows)))]
        ),
    }
    first = {"facets, first in a process": _milliseconds(store.facets)}
    numbers = np.random.default_rng(2).integers(0, rows, 10).tolist()
    return first | {
        name: _median(partial(read, each) for each in numbers) for name, read in asked.items()
    }


def exact(store: PhotoStore, queries: Matrix, vectors: Matrix) -> Figures:
    """Milliseconds of exact searches, and of what any of them must do at least."""
    some = queries[:_EXACT_QUERIES]
    figures = {
        "exact search": _median(partial(store.search, q, TOP_K, exact=True) for q in some),
        "NumPy, float32 in a memory map": _median(partial(_product, vectors, q) for q in some),
    }
    try:
        import torch
    except ImportError:
        return figures
    halves = torch.from_numpy(np.array(vectors)).bfloat16()
    figures["PyTorch, bfloat16 in memory"] = _median(
        partial(torch.mv, halves, torch.from_numpy(q).bfloat16()) for q in some
    )
    return figures


def anonymous_memory() -> float:
    """GB of memory of this process without files that are mapped."""
    status = Path("/proc/self/status").read_text("utf-8")
    sizes = dict(line.split(":", 1) for line in status.splitlines())
    return int(sizes["RssAnon"].split()[0]) / 1e6


def _hashes(number: int, rows: int) -> list[str]:
    from bench.store import photo_id

    return [photo_id((number + 97 * each) % rows) for each in range(20)]


def _product(vectors: Matrix, query: Matrix) -> object:
    return np.argpartition(-(vectors @ query), TOP_K)[:TOP_K]


def _median(actions: Iterable[Callable[[], object]]) -> float:
    return float(np.median([_milliseconds(action) for action in actions][1:]))


def _milliseconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    sys.exit(main())
