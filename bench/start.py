"""How long `serve` takes from nothing to ready, as a Flow and in one process.

    python -m bench.start

Each row is the median of some starts by turns, over an index of a few photos, with the demo and
with the weights of a ViT-B-32: seconds until it answers that it is ready, seconds of CPU time until
then, and the memory of all its processes in MB, when photos have been searched for by pictures, too
(what they share is counted once).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil

from bench.material import SIZES, save_vit_b_32, write_photos
from bench.processes import APP, KINDS, measure, plain_environment, served, task
from photoseek.indexing.model_on_demand import FEW
from photoseek.search.grammar import QueryPart

PHOTOS = 20


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds: int = parser.parse_args().rounds
    print("| model | serve | ready after, s | CPU, s | memory, MB |")
    print("| --- | --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        write_photos(work / "photos", SIZES["0.2 MP"], PHOTOS)
        picture = next((work / "photos").rglob("*.jpg"))
        for label, model in (("demo", "demo"), ("ViT-B-32", save_vit_b_32(work / "vit"))):
            index = str(work / label)
            source = ["--source", str(work / "photos"), "--model", model, "--index", index]
            measure(task("index", *source), plain_environment(), APP.parent)
            starts: dict[str, list[tuple[float, float, float]]] = {kind: [] for kind in KINDS}
            for _ in range(rounds):
                for kind, option in KINDS.items():
                    starts[kind].append(_started(index, option, picture))
            for kind, measured in starts.items():
                seconds, cpu, memory = map(median, zip(*measured, strict=True))
                print(
                    f"| {label} | {kind} | {seconds:.1f} | {cpu:.1f} | {memory:.0f} |", flush=True
                )
    return 0


def _started(index: str, option: tuple[str, ...], picture: Path) -> tuple[float, float, float]:
    """Seconds until it is ready, of them on the processors, and its memory."""
    start = time.perf_counter()
    with served(index, *option) as server:
        seconds = time.perf_counter() - start
        serving = psutil.Process(server.process.pid)
        family = [serving, *serving.children(recursive=True)]
        cpu = sum(sum(each.cpu_times()[:2]) for each in family)
        for _ in range(FEW + 1):
            server.client.search([QueryPart.of(image=picture.read_bytes())])
        memory = sum(each.memory_full_info().pss for each in family) / 1e6
    return seconds, cpu, memory


if __name__ == "__main__":
    sys.exit(main())
