"""Recall against latency: our index with more or fewer probes, beside HNSW and comparing with all.

The others are of FAISS, which is no part of the development set: `pip install faiss-cpu`. Without
it our own curve stands alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench import clip_like
from bench.clip_like import Matrix
from bench.million_photos import mapped, nearest
from bench.store import photo_id
from photoseek.compat.lance import found, vector_search
from photoseek.store.lance.index_upkeep import partitions_of
from photoseek.store.lance.opening import layout_of

TOP_K, QUERIES = 10, 100
_PROBES = (1, 2, 4, 8, 16, 32, 64, 128)
_BREADTHS = (16, 32, 64, 128, 256, 512)
_LINKS, _BUILDING = 32, 200
Curve = list[tuple[float, float]]


def curves(index: str, file: Path, rows: int) -> dict[str, Any]:
    """Milliseconds of a search and recall@10, by the name of a curve; queries are like texts."""
    queries = clip_like.texts(QUERIES, seed=7)
    vectors = mapped(file)[:rows]
    right = nearest(vectors, queries, TOP_K)
    table = layout_of(index).opened()
    partitions = partitions_of(table.schema)
    asked = [n for n in _PROBES if n < 2 * partitions]
    drawn = {"photoseek": [_point(partial(_ours, table, n), queries, right) for n in asked]}
    told = {"rows": rows, "partitions": partitions, "probes": asked, "lines": drawn}
    try:
        import faiss
    except ImportError:
        return told
    whole = np.ascontiguousarray(vectors)
    graph = faiss.IndexHNSWFlat(whole.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = _BUILDING
    start = time.perf_counter()
    graph.add(whole)
    seconds = time.perf_counter() - start
    drawn["HNSW"] = []
    for breadth in _BREADTHS:
        graph.hnsw.efSearch = breadth
        drawn["HNSW"].append(_point(partial(_theirs, graph), queries, right))
    flat = faiss.IndexFlatIP(whole.shape[1])
    flat.add(whole)
    drawn["flat"] = [_point(partial(_theirs, flat), queries, right)]
    return told | {"hnsw_build_s": seconds}


def _ours(table: Any, probes: int, query: Matrix) -> set[str]:
    search = vector_search(table, query).column("vector").distance_type("cosine").limit(TOP_K)
    return set(
        found(search.nprobes(probes).refine_factor(3).select(["id", "_distance"]))["id"].to_pylist()
    )


def _theirs(index: Any, query: Matrix) -> set[str]:
    return {photo_id(int(row)) for row in index.search(query[None], TOP_K)[1][0]}


def _point(
    search: Callable[[Matrix], set[str]], queries: Matrix, right: list[set[str]]
) -> tuple[float, float]:
    search(queries[0])
    times, recalls = [], []
    for query, wanted in zip(queries, right, strict=True):
        start = time.perf_counter()
        answer = search(query)
        times.append(1000 * (time.perf_counter() - start))
        recalls.append(len(answer & wanted) / TOP_K)
    return float(np.median(times)), float(np.mean(recalls))
