"""Text queries over HTTP against a large index: latency with one client, rate with sixteen."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import numpy as np

from bench.indexing import resident
from photoseek.client import Client
from photoseek.flow.process import FlowProcess
from photoseek.records import EncodedPhoto, Photo
from photoseek.settings import load_settings
from photoseek.store import open_store

WORDS = ["red", "blue", "old", "car", "dog", "house", "tree", "boat", "night", "beach", "snow"]
THUMBNAIL = b"\xff\xd8\xff\xd9"


def fill(index: Path, model: str, rows: int) -> None:
    """Put random unit vectors into a new index, in batches as large as an import would use."""
    from photoseek.model import load_model

    identity = load_model(model).identity
    store = open_store(str(index), identity)
    random = np.random.default_rng(0)
    for start in range(0, rows, 10_000):
        vectors = random.standard_normal((10_000, identity.dimensions), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        store.upsert(
            [
                EncodedPhoto(
                    Photo(id=f"{start + i}", uri=f"/photos/{start + i}.jpg", caption="a photo"),
                    content_hash="0" * 32,
                    width=600 + (start + i) % 100,
                    height=480,
                    vector=vector,
                    thumbnail=THUMBNAIL,
                )
                for i, vector in enumerate(vectors)
            ]
        )
    store.maintain()


def measure(folder: Path, model: str, rows: int = 100_000) -> tuple[list[str], dict[str, float]]:
    """The rows of the table, and the resident memory of each process in MB."""
    index = folder / "search-index"
    fill(index, model, rows)
    with FlowProcess(load_settings(model=model, index=str(index)), private=True) as flow:
        with Client(flow.url) as client:
            run(client, 30, 1)
            lines = [line(clients, *run(client, 400, clients)) for clients in (1, 16)]
        return lines, resident(flow)


def run(client: Client, queries: int, clients: int) -> tuple[list[float], float]:
    """Seconds of each query, every one a different text, and queries per second."""
    random = np.random.default_rng(clients)
    numbers = count()

    def query(_: int) -> float:
        text = f"{' '.join(random.choice(WORDS, 4))} {next(numbers)}"
        start = time.perf_counter()
        hits = client.search(text, top_k=10).hits
        assert len(hits) == 10
        return time.perf_counter() - start

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        seconds = list(pool.map(query, range(queries)))
    return seconds, queries / (time.perf_counter() - start)


def line(clients: int, seconds: list[float], rate: float) -> str:
    """A line of the Markdown table."""
    p50, p99 = (np.percentile(seconds, p) * 1000 for p in (50, 99))
    return f"| {clients} | {p50:.1f} | {p99:.1f} | {rate:.0f} |"
