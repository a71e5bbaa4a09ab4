"""How long `serve` takes from nothing to ready, as a Flow and in one process.

    python -m bench.start

Each row is the median of some starts by turns, over an index of a few photos, with the demo and
with the weights of a ViT-B-32: seconds until it answers that it is ready, seconds of CPU time until
then, and the memory of all its processes in MB, when photos have been searched for by pictures, too
(what they share is counted once).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil

from bench.commands import APP
from bench.material import SIZES, save_vit_b_32, write_photos
from bench.processes import measure, plain_environment
from photoseek.client import Client
from photoseek.helpers.ports import free_ports
from photoseek.indexing.model_on_demand import FEW
from photoseek.search.grammar import QueryPart

PHOTOS = 20
KINDS = {"Flow": (), "one process": ("--in-process",)}


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
            measure(_app("index", *source), plain_environment(), APP.parent)
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
    http, grpc = map(str, free_ports(2))
    ports = ("--http-port", http, "--grpc-port", grpc)
    command = _app("serve", "--index", index, *ports, *option)
    start = time.perf_counter()
    process = subprocess.Popen(command, env=plain_environment(), stdout=subprocess.DEVNULL)
    try:
        with Client(f"http://127.0.0.1:{http}") as client:
            while not client.ready():
                if process.poll() is not None:
                    raise subprocess.CalledProcessError(process.returncode, command)
                time.sleep(0.05)
            seconds = time.perf_counter() - start
            serving = psutil.Process(process.pid)
            family = [serving, *serving.children(recursive=True)]
            cpu = sum(sum(each.cpu_times()[:2]) for each in family)
            for _ in range(FEW + 1):
                client.search([QueryPart.of(image=picture.read_bytes())])
        memory = sum(each.memory_full_info().pss for each in family) / 1e6
    finally:
        process.terminate()
        process.wait()
    return seconds, cpu, memory


def _app(task: str, *arguments: str) -> list[str]:
    return [sys.executable, str(APP), "-t", task, *arguments]


if __name__ == "__main__":
    sys.exit(main())
