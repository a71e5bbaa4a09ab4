"""Where the time of one search over HTTP goes, and what else a page of the web page asks for.

`python -m bench.api --rows 100000` fills an index with random vectors and captions, with the model
ViT-B-32 (random weights), and asks one thing at a time, warm. Milliseconds, the median of many.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from bench.material import save_vit_b_32
from bench.search import fill
from photoseek.flow.process import FlowProcess
from photoseek.settings import load_settings

TIMES = 60
PAGE = 40
"""Photos on a page, whose thumbnails are fetched six at a time, as browsers do."""


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.api", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="vectors that are searched")
    parser.add_argument("--folder", type=Path, help="keeps model and index for the next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        model, index = folder / "model", folder / "index"
        source = f"local-dir:{model}" if model.exists() else save_vit_b_32(model)
        if not index.exists():
            fill(index, source, options.rows)
        settings = load_settings(model=source, index=str(index))
        with FlowProcess(settings, private=True) as flow, httpx.Client(base_url=flow.url) as http:
            print("| what | ms | encoding | searching | the way |")
            print("| --- | ---: | ---: | ---: | ---: |", *searches(http), sep="\n")
            print("\n| what | ms |", "| --- | ---: |", *pages(http), sep="\n")
    return 0


def searches(http: httpx.Client) -> list[str]:
    """A row for each kind of search."""
    numbers = count()

    def ask(**parameters: Any) -> Callable[[], dict[str, float]]:
        def once() -> dict[str, float]:
            text = parameters.get("q") or f"a red car number {next(numbers)}"
            answer = http.get("/api/search", params={"limit": 20, **parameters, "q": text})
            timing: dict[str, float] = answer.raise_for_status().json()["timing"]
            return timing

        return once

    kinds = {
        "a new text": ask(),
        "a text that was asked lately": ask(q="a red car"),
        "a photo of the index": ask(q="id:7"),
        "a filter that keeps 1 %": ask(q="a red car", where="width = 607"),
        "meaning and words": ask(q="a red car", mode="hybrid"),
        "copies taken together": ask(q="a red car", dedupe=True),
    }
    rows = []
    for name, once in kinds.items():
        for _ in range(5):
            once()
        taken = [once() for _ in range(TIMES)]
        total, encode, search = (
            float(np.median([timing[f"{stage}_ms"] for timing in taken]))
            for stage in ("total", "encode", "search")
        )
        way = total - encode - search
        rows.append(f"| {name} | {total:.1f} | {encode:.1f} | {search:.1f} | {way:.1f} |")
    return rows


def pages(http: httpx.Client) -> list[str]:
    """A row for what a page asks for besides its search."""
    hits = http.get("/api/search", params={"q": "a red car", "limit": PAGE}).json()["hits"]
    links = [hit["links"]["thumbnail"] for hit in hits]

    def thumbnails() -> None:
        with ThreadPoolExecutor(6) as pool:
            for answer in pool.map(http.get, links):
                answer.raise_for_status()

    return [
        f"| {PAGE} thumbnails, six at a time | {_median(thumbnails, 10):.0f} |",
        f"| facets, again | {_median(lambda: http.get('/api/facets'), TIMES):.1f} |",
        f"| the newest photos | {_median(lambda: http.get('/api/search'), TIMES):.1f} |",
        f"| one photo | {_median(lambda: http.get(hits[0]['links']['self']), TIMES):.1f} |",
    ]


def _median(once: Callable[[], object], times: int) -> float:
    once()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        once()
        taken.append(1000 * (time.perf_counter() - start))
    return float(np.median(taken))


if __name__ == "__main__":
    sys.exit(main())
