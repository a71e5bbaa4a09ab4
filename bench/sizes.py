"""How the size of photos tells on indexing, as a table and a plot: `python -m bench.sizes`.

photoseek in one process, with each runtime, beside the plain loop of OpenCLIP, on the same photos,
by turns. Milliseconds on the processor are measured, of all threads, because the clock says nothing
where other work runs; the plot shows how many photos a core does in a second.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bench.indexing import reference_rate
from bench.limit import in_process, indexed
from bench.line_plots import Plot, svg
from bench.material import save_vit_b_32, write_photos
from photoseek.model.onnx_export import export_model
from photoseek.onnx_towers import place_for
from photoseek.records import Photo
from photoseek.settings import load_settings
from photoseek.sources import open_source

DRAWN = 3
"""Different pictures of a size; the others are copies of these with a number in them."""

WARM = 4
"""Photos that come first, and are not counted."""

LOOP = "OpenCLIP loop"
RUNTIMES = {"torch": "photoseek, PyTorch", "onnx": "photoseek, ONNX"}


@dataclass(frozen=True, slots=True)
class Size:
    """How large photos are, and how many of them are counted."""

    megapixels: float
    width: int
    height: int
    count: int


SIZES = (
    Size(0.2, 544, 368, 32),
    Size(1, 1156, 867, 24),
    Size(3, 2000, 1500, 16),
    Size(12, 4000, 3000, 12),
    Size(24, 6000, 4000, 8),
)


def main() -> int:
    """Measure, print Markdown, and write the picture with its figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.sizes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--to", type=Path, default=Path("docs/benchmarks"), metavar="FOLDER")
    parser.add_argument("--about", default="", help="what the plot says of machine and date")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = _measured(Path(name), given.rounds)
    print("| photos |", " | ".join(f"{way}, CPU ms" for way in found), "| of the loop's |")
    print("| --- |", " | ".join("---:" for _ in found), "| ---: |")
    for number, size in enumerate(SIZES):
        cells = [found[way][number] for way in found]
        best = min(cells[1:]) / cells[0]
        print(f"| {size.megapixels:g} MP |", *(f"{cell:.1f} |" for cell in cells), f"{best:.2f} |")
    write_plot(found, given.about, given.to)
    return 0


def write_plot(found: Mapping[str, list[float]], about: str, folder: Path) -> None:
    """Write sizes.svg and sizes.json: CPU ms of a photo by way and size."""
    lines = {
        way: [(size.megapixels, 1000 / cpu) for size, cpu in zip(SIZES, each, strict=True)]
        for way, each in found.items()
    }
    plot = Plot(
        title="Indexing by the size of photos",
        about=about,
        x_label="megapixels",
        y_label="photos/s of a core",
        lines=lines,
        is_log_x=True,
    )
    (folder / "sizes.svg").write_text(svg(plot), "utf-8")
    told = {"about": about, "sizes": list(map(asdict, SIZES)), "cpu_ms": dict(found)}
    (folder / "sizes.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def _measured(work: Path, rounds: int) -> dict[str, list[float]]:
    """CPU ms of a photo by way, for each size: medians of the rounds."""
    model = save_vit_b_32(work / "model")
    exports = work / "exports"
    export_model(model, place_for(model, exports), tell=lambda _: None)
    found: dict[str, list[float]] = {way: [] for way in (LOOP, *RUNTIMES.values())}
    for size in SIZES:
        photos = work / f"{size.megapixels:g}"
        _write(photos, size)
        taken: dict[str, list[float]] = {way: [] for way in found}
        for number in range(rounds):
            taken[LOOP].append(reference_rate(model, photos, warm=WARM, threads=1)[1])
            for runtime, way in RUNTIMES.items():
                index = work / f"index-{size.megapixels:g}-{runtime}-{number}"
                taken[way].append(_ours(model, exports, runtime, photos, index))
        for way, each in taken.items():
            found[way].append(median(each))
    return found


def _write(folder: Path, size: Size) -> None:
    """JPEGs of which no two have the same bytes."""
    drawn = write_photos(folder / "drawn", (size.width, size.height), DRAWN)
    files = [path.read_bytes() for path in drawn]
    shutil.rmtree(folder / "drawn")
    for number in range(WARM + size.count):
        data, comment = files[number % DRAWN], number.to_bytes(2)
        (folder / f"{number:04}.jpg").write_bytes(data[:2] + b"\xff\xfe\0\x04" + comment + data[2:])


def _ours(model: str, exports: Path, runtime: str, photos: Path, index: Path) -> float:
    """CPU ms of a photo that is read, decoded, encoded and stored with its thumbnail."""
    settings = load_settings(model=model, runtime=runtime, exports=str(exports))
    source = [each for each in open_source(str(photos)) if isinstance(each, Photo)]
    with in_process(settings, index) as (own, process):
        indexed(source[:WARM], own, process)
        rest = source[WARM:]
        return 1000 * indexed(rest, own, process)[0] / len(rest)


if __name__ == "__main__":
    sys.exit(main())
