"""How the size of photos tells on indexing, as a table and a plot: `python -m bench.sizes`.

photoseek with each runtime, beside the plain loop of OpenCLIP, in one process, on the same photos,
by turns. Milliseconds on the processor are measured, of all threads, because the clock says nothing
where other work runs; the plot shows how many photos a core does in a second.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import open_clip
import torch
from PIL import Image

from bench.limit import in_process, indexed
from bench.material import save_vit_b_32, write_photos
from bench.size_plot import write_plot
from photoseek.records import Photo
from photoseek.settings import load_settings
from photoseek.sources import open_source

DRAWN = 1
"""Different pictures of a size; the others are copies of these, with a number in them."""

WARM = 2
"""Photos that come first, and are not counted."""

BATCH = 32
LOOP = "OpenCLIP loop"
RUNTIMES = {"torch": "photoseek, torch", "onnx": "photoseek, ONNX"}


Encode = Callable[[Sequence[str]], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How large photos are, and how many of them are counted."""

    megapixels: float
    width: int
    height: int
    count: int


SIZES = (
    Size(0.2, 544, 368, 16),
    Size(1, 1156, 867, 12),
    Size(3, 2000, 1500, 8),
    Size(12, 4000, 3000, 6),
    Size(24, 6000, 4000, 4),
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
    sizes = [size.megapixels for size in SIZES]
    write_plot({"about": given.about, "megapixels": sizes, "cpu_ms": found}, given.to)
    return 0


def _measured(work: Path, rounds: int) -> dict[str, list[float]]:
    """CPU ms of a photo by way, for each size: medians of the rounds."""
    model = save_vit_b_32(work / "model")
    loop = opened_loop(model)
    found: dict[str, list[float]] = {way: [] for way in (LOOP, *RUNTIMES.values())}
    with ExitStack() as stack:
        indexers = {
            way: stack.enter_context(
                in_process(load_settings(model=model, runtime=runtime), work / runtime)
            )
            for runtime, way in RUNTIMES.items()
        }
        for size in SIZES:
            folder = work / f"{size.megapixels:g}"
            _write(folder, size, WARM + rounds * size.count)
            photos = [each for each in open_source(str(folder)) if isinstance(each, Photo)]
            taken: dict[str, list[float]] = {way: [] for way in found}
            for indexer, process in indexers.values():
                indexed(photos[:WARM], indexer, process)
            loop_cpu(loop, photos[:WARM])
            for number in range(rounds):
                start = WARM + number * size.count
                some = photos[start : start + size.count]
                taken[LOOP].append(loop_cpu(loop, some))
                for way, (indexer, process) in indexers.items():
                    taken[way].append(1000 * indexed(some, indexer, process)[0] / len(some))
            for way, each in taken.items():
                found[way].append(median(each))
            print(size, {way: each[-1] for way, each in found.items()}, file=sys.stderr)
    return found


def opened_loop(model: str) -> Encode:
    """What the loop does with a batch, in one thread: others would be busy waiting for it."""
    network, preprocess = open_clip.create_model_from_pretrained(model)
    network.eval()

    def encode(paths: Sequence[str]) -> None:
        pictures = torch.stack([preprocess(Image.open(path)) for path in paths])
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        with torch.inference_mode():
            network.encode_image(pictures, normalize=True)
        torch.set_num_threads(threads)

    return encode


def loop_cpu(encode: Encode, photos: Sequence[Photo]) -> float:
    """CPU ms of a photo."""
    start = time.process_time()
    for first in range(0, len(photos), BATCH):
        encode([photo.uri for photo in photos[first : first + BATCH]])
    return 1000 * (time.process_time() - start) / len(photos)


def _write(folder: Path, size: Size, count: int) -> None:
    """JPEGs of which no two have the same bytes."""
    drawn = write_photos(folder / "drawn", (size.width, size.height), DRAWN)
    files = [path.read_bytes() for path in drawn]
    shutil.rmtree(folder / "drawn")
    for number in range(count):
        data, comment = files[number % DRAWN], number.to_bytes(2)
        (folder / f"{number:04}.jpg").write_bytes(data[:2] + b"\xff\xfe\0\x04" + comment + data[2:])


if __name__ == "__main__":
    sys.exit(main())
