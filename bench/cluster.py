"""A run in one process beside the same run on a Ray cluster of this machine, by turns.

    python -m bench.cluster --photos 2000

Photos/s are those of the report, once all is loaded; seconds are those of the whole command. With
the demo's model, which takes little of the time, so that what a cluster costs besides is seen.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.material import SIZES, write_photos
from bench.processes import plain_environment
from bench.running import printed

SIZE = "0.2 MP"


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    parser.add_argument("--photos", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    ways: dict[str, list[str]] = {"one process": [], "--on ray": ["--on", "ray"]}
    rates: dict[str, list[float]] = {way: [] for way in ways}
    walls: dict[str, list[float]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as name:
        photos = Path(name) / "photos"
        write_photos(photos, SIZES[SIZE], options.photos)
        for turn in range(options.rounds):
            for way, arguments in ways.items():
                index = Path(name) / f"index-{way.replace(' ', '-')}-{turn}"
                rate, wall = measure(photos, index, arguments)
                rates[way].append(rate)
                walls[way].append(wall)
    print(f"{options.photos:,} photos of {SIZE}, {os.cpu_count()} cores, {options.rounds} rounds\n")
    print("| way | photos/s | whole command, s |", "| --- | ---: | ---: |", sep="\n")
    for way in ways:
        print(f"| {way} | {median(rates[way]):.0f} | {median(walls[way]):.0f} |")
    pairs = zip(rates["one process"], rates["--on ray"], strict=True)
    print("\nRatios of photos/s:", ", ".join(f"{there / here:.2f}" for here, there in pairs))
    return 0


def measure(photos: Path, index: Path, arguments: list[str]) -> tuple[float, float]:
    """Photos/s of a run into a new index, and the seconds of the whole command."""
    command = [sys.executable, "-m", "photoseek", "index", "--source", str(photos)]
    command += ["--index", str(index), "--model", "demo", "--json", *arguments]
    start = time.perf_counter()
    environment = plain_environment() | {"PYTHONPATH": str(Path(__file__).parents[1])}
    report = json.loads(printed(command, env=environment))
    return report["indexed"] / report["seconds"], time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
