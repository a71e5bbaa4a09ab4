"""How long a Flow takes from nothing to ready: `python -m bench.start`.

Each row is one start over an index of a few photos: seconds until it answers, seconds of CPU time,
and for each process (the one that starts the others, encoder, indexer, gateway) its seconds of CPU
time and its resident memory in MB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psutil

from photoseek.client import Client
from photoseek.demo.library import write_library
from photoseek.flow.process import FlowProcess
from photoseek.indexing.run import index_photos
from photoseek.settings import Settings, load_settings
from photoseek.sources import open_source

PHOTOS = 20


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(model="demo", index=f"{folder}/index")
        write_library(Path(folder) / "photos", count=PHOTOS)
        with FlowProcess(settings, private=True) as flow, Client(flow.url) as client:
            index_photos(open_source(f"{folder}/photos/photos.csv"), client)
        print("| ready after, s | CPU, s | of each process | memory of each, MB |")
        print("| ---: | ---: | --- | --- |")
        for _ in range(rounds):
            print(_row(settings), flush=True)
    return 0


def _row(settings: Settings) -> str:
    others = set(psutil.Process().children(recursive=True))
    start = time.perf_counter()
    with FlowProcess(settings, private=True):
        seconds = time.perf_counter() - start
        processes = set(psutil.Process().children(recursive=True)) - others
        busy = {process.pid: sum(process.cpu_times()[:2]) for process in processes}
        memory = {process.pid: process.memory_info().rss / 1e6 for process in processes}
    shares = ", ".join(f"{busy[pid]:.1f}" for pid in sorted(busy))
    sizes = ", ".join(f"{memory[pid]:.0f}" for pid in sorted(memory))
    return f"| {seconds:.1f} | {sum(busy.values()):.1f} | {shares} | {sizes} |"


if __name__ == "__main__":
    sys.exit(main())
