"""Photos per second: one process with OpenCLIP's own preprocessing, against the whole Flow."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from bench.material import SIZES, write_photos
from bench.running import printed
from photoseek.client import Client
from photoseek.flow.process import FlowProcess
from photoseek.indexing.run import index_photos
from photoseek.settings import load_settings
from photoseek.sources import open_source

COUNTS = {"0.2 MP": 192, "12 MP": 64}
ROUNDS = 3


@dataclass
class Rates:
    """Photos per second of each round."""

    reference: list[float]
    ours: list[float]

    def row(self, name: str) -> str:
        """A line of the Markdown table: medians, and the ratio pair by pair."""
        ratios = [b / a for a, b in zip(self.reference, self.ours, strict=True)]
        return (
            f"| {name} | {median(self.reference):.1f} | {median(self.ours):.1f} "
            f"| {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |"
        )


def reference_rate(model: str, folder: Path) -> float:
    """Photos/s of the reference, in a process of its own that is warm before it is timed."""
    arguments = [sys.executable, "-W", "ignore", "-m", "bench.reference", model, str(folder)]
    return float(printed(arguments, stderr=subprocess.DEVNULL))


def measure(folder: Path, model: str) -> tuple[list[str], dict[str, float]]:
    """The rows of the table, and the resident memory of each process of the Flow in MB."""
    rows = []
    memory: dict[str, float] = {}
    for name, size in SIZES.items():
        photos = folder / name.replace(" ", "-")
        write_photos(photos, size, COUNTS[name])
        rates = Rates([], [])
        for turn in range(ROUNDS):
            rates.reference.append(reference_rate(model, photos))
            index = folder / f"index-{name}-{turn}"
            rate, memory = our_rate(model, photos, index)
            rates.ours.append(rate)
        rows.append(rates.row(name))
    return rows, memory


def our_rate(model: str, photos: Path, index: Path) -> tuple[float, dict[str, float]]:
    """Photos/s through gateway, encoder and indexer, thumbnails and commits included."""
    settings = load_settings(model=model, index=str(index))
    with FlowProcess(settings, private=True) as flow, Client(flow.url) as client:
        source = list(open_source(str(photos)))
        index_photos(source[:8], client)
        start = time.perf_counter()
        report = index_photos(source[8:], client)
        rate = report.indexed / (time.perf_counter() - start)
        assert report.indexed == len(source) - 8, report.skipped
        return rate, resident(flow)


def resident(flow: FlowProcess) -> dict[str, float]:
    """Resident memory in MB of each process of a Flow, by the largest first."""
    parent = psutil.Process(flow.pid)
    sizes = [p.memory_info().rss / 1e6 for p in (parent, *parent.children(recursive=True))]
    return {f"process {i + 1}": size for i, size in enumerate(sorted(sizes, reverse=True))}
