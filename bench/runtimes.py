"""What a ViT-B-32 costs in each runtime and number format: seconds, memory, room on the disk.

    python -m bench.runtimes

Each row is a process of its own, as a query has one, with one thread, so that seconds on the
processor say what the work is, whatever else the machine does. Runtimes that are not installed are
left out: OpenVINO is none of what photoseek needs.

"onnx" is an export, and "drawn" what runs a plain model by its weights as they lie.

torch is held to older instructions by its variables (`bench.held_back`); ONNX Runtime has no such
switch.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from bench.held_back import HELD_BACK
from bench.material import save_siglip_2, save_vit_b_32
from bench.running import printed
from photoseek.onnx_towers import place_for

PACKAGES = {
    "torch": ("torch", "torchvision", "timm", "sympy", "networkx"),
    "onnx": ("onnxruntime",),
    "drawn": ("onnxruntime",),
    "openvino": ("openvino",),
}
"""What is installed for a runtime alone; the CUDA libraries of torch are not counted."""


@dataclass(frozen=True, slots=True)
class Row:
    """A runtime, a number format, and the instructions that it may use."""

    runtime: str
    precision: str
    held: str


ROWS = (
    *(Row("torch", precision, held) for held in HELD_BACK for precision in ("fp32", "bf16")),
    Row("onnx", "fp32", "all"),
    Row("drawn", "fp32", "all"),
    *(Row("openvino", precision, "all") for precision in ("fp32", "bf16")),
)


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.runtimes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--siglip", action="store_true", help="SigLIP2's shape instead")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        save = save_siglip_2 if given.siglip else save_vit_b_32
        name = save(work / "model")
        exports = work / "exports"
        _run(["export", name, str(place_for(name, exports))], {})
        rows = [row for row in ROWS if row.runtime in ("onnx", "drawn") or find_spec(row.runtime)]
        measured: dict[Row, list[dict[str, float]]] = {row: [] for row in rows}
        for _ in range(given.rounds):
            for row in rows:
                arguments = ["measure", name, str(exports), row.runtime, row.precision]
                measured[row].append(json.loads(_run(arguments, HELD_BACK[row.held])))
    print(
        "| runtime | format | instructions | first text, CPU s | memory, MB | photo, CPU ms "
        "| memory with photos, MB | short text, CPU ms | installed, MB |"
    )
    print("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(_line(row, measured[row]))
    return 0


def _line(row: Row, rounds: list[dict[str, float]]) -> str:
    middle = {key: median(each[key] for each in rounds) for key in rounds[0]}
    return (
        f"| {row.runtime} | {row.precision} | {row.held} | {middle['first']:.1f} "
        f"| {middle['text_memory']:,.0f} | {middle['photo']:.1f} | {middle['memory']:,.0f} "
        f"| {middle['text']:.1f} | {_installed(row.runtime):,.0f} |"
    )


def _run(arguments: list[str], held: dict[str, str]) -> str:
    command = [sys.executable, "-W", "ignore", "-m", "bench.one_runtime", *arguments]
    one_thread = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    found = printed(command, env=os.environ | one_thread | held)
    return found.strip().splitlines()[-1]


def _installed(runtime: str) -> float:
    """Megabytes of the packages that a runtime needs."""
    sizes = 0
    for package in PACKAGES[runtime]:
        try:
            files = distribution(package).files or ()
        except PackageNotFoundError:
            continue
        paths = [Path(str(file.locate())) for file in files]
        sizes += sum(path.stat().st_size for path in paths if path.is_file())
    return sizes / 1e6


if __name__ == "__main__":
    sys.exit(main())
