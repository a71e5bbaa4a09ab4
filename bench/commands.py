"""How long the command line takes without a server: `python -m bench.commands`.

Each row is the median of what a command takes from its start to its end, in seconds, and the CPU
time of all its processes: with the demo's model, and with the weights of a ViT-B-32.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.material import SIZES, save_vit_b_32, write_photos

APP = Path(__file__).parents[1] / "app.py"
KNOWN = 400
NEW = 8
QUERY = "a red car at night"


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.commands", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--known", type=int, default=KNOWN, help=f"default: {KNOWN}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        write_photos(work / "photos", SIZES["0.2 MP"], options.known)
        write_photos(work / "few", SIZES["0.2 MP"], NEW)
        print("| model | command | s | CPU, s |")
        print("| --- | --- | ---: | ---: |")
        for label, model in (("demo", "demo"), ("ViT-B-32", save_vit_b_32(work / "vit"))):
            _measure(work, label, model, options.rounds)
    return 0


def _measure(work: Path, label: str, model: str, rounds: int) -> None:
    index = work / f"index-{label}"
    _photoseek("-t", "index", "--source", work / "photos", "--model", model, "--index", index)

    def unchanged(_: int) -> tuple[float, float]:
        return _photoseek("-t", "index", "--source", work / "photos", "--index", index)

    def query(_: int) -> tuple[float, float]:
        return _photoseek("-t", "query", QUERY, "--index", index)

    def new(number: int) -> tuple[float, float]:
        place = work / f"new-{label}-{number}"
        return _photoseek(
            "-t", "index", "--source", work / "few", "--model", model, "--index", place
        )

    commands: dict[str, Callable[[int], tuple[float, float]]] = {
        f"index, {len(list((work / 'photos').iterdir()))} photos unchanged": unchanged,
        "query": query,
        f"index, {NEW} new photos": new,
    }
    for name, command in commands.items():
        taken = [command(number) for number in range(rounds)]
        seconds, cpu = (median(column) for column in zip(*taken, strict=True))
        print(f"| {label} | {name} | {seconds:.1f} | {cpu:.1f} |", flush=True)


def _photoseek(*arguments: str | Path) -> tuple[float, float]:
    """The seconds that a command takes, and those of CPU time."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PHOTOSEEK_")}
    environment["PHOTOSEEK_HTTP_PORT"] = "1"  # where nothing can listen
    before, start = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, APP, *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        env=environment,
    )
    seconds, after = time.perf_counter() - start, os.times()
    cpu = after.children_user + after.children_system
    return seconds, cpu - before.children_user - before.children_system


if __name__ == "__main__":
    sys.exit(main())
