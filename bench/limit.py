"""How near indexing comes to what the machine can do at all: `python -m bench.limit`.

The limit is the tower alone, in full batches, and decoding alone, at the cheapest scale that keeps
the vector, added up for each photo in CPU time. Beside it stands what `photoseek index` takes, in
this process and through a Flow, on the same photos and in the same minutes, and then where the rest
goes. CPU time says it on a machine that has other work too; photos a second need a quiet one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil
from PIL import Image

from bench.decode import photographed
from bench.limit_parts import BATCH, cheapest_scale, limit_parts, other_parts
from bench.material import SIZES, save_vit_b_32, write_photos
from photoseek.client import Client
from photoseek.engine import PhotoSearch
from photoseek.flow.process import FlowProcess
from photoseek.helpers.machine import processors
from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.indexer import Indexer
from photoseek.indexing.run import index_photos
from photoseek.model.onnx_export import export_model
from photoseek.onnx_towers import place_for
from photoseek.records import Photo
from photoseek.settings import Settings, load_settings
from photoseek.sources import open_source

COUNTS = {"0.2 MP": 4 * BATCH, "12 MP": BATCH}
"""Photos of a round; there are as many once more, before it."""

RUNTIMES = ("torch", "onnx")
SOME = 8
"""Photos that parts are measured on."""

WAYS = ("in process", "Flow")


@dataclass
class Measured:
    """Rounds of one size in one runtime: CPU ms of a photo by part and by way, and photos/s."""

    limit: list[dict[str, float]] = field(default_factory=list)
    rest: list[dict[str, float]] = field(default_factory=list)
    cpu: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    rate: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})

    def line(self, way: str) -> str:
        """What one way reaches: medians, and the share round by round."""
        limits = [sum(parts.values()) for parts in self.limit]
        taken, rate = self.cpu[way], median(self.rate[way])
        shares = [100 * limit / cpu for limit, cpu in zip(limits, taken, strict=True)]
        most = 1000 * processors() / median(limits)
        return (
            f"| {way} | {median(limits):.1f} | {median(taken):.1f} | {median(shares):.0f} % "
            f"({min(shares):.0f} to {max(shares):.0f}) | {rate:.1f} | {most:.1f} |"
        )

    def parts(self) -> dict[str, float]:
        """Where the time goes, in CPU ms of a photo through a Flow."""
        parts = {name: median(each[name] for each in self.limit) for name in self.limit[0]}
        parts |= {name: median(each[name] for each in self.rest) for name in self.rest[0]}
        inside, through = (median(self.cpu[way]) for way in WAYS)
        parts["else in the process"] = inside - sum(parts.values())
        return parts | {"transport of the Flow": through - inside}


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.limit", description=__doc__)
    parser.add_argument("--photos", type=Path, help="folder of JPEGs to enlarge; drawn otherwise")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runtime", choices=RUNTIMES, action="append", help="default: both")
    parser.add_argument("--size", choices=COUNTS, action="append", help="default: both")
    parser.add_argument("--count", type=int, help="photos of a round; default: by their size")
    parser.add_argument("--in-process", action="store_true", help="one line for each, and no Flow")
    given = parser.parse_args()
    runtimes = given.runtime or RUNTIMES
    found: dict[tuple[str, str], Measured] = {}
    print("| photos | runtime | way | limit, CPU ms | CPU ms | of the limit | photos/s | limit |")
    print("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        model = save_vit_b_32(work / "model")
        exports = work / "exports"
        if "onnx" in runtimes:
            export_model(model, place_for(model, exports), tell=lambda _: None)
        ways = WAYS[:1] if given.in_process else WAYS
        for size in given.size or COUNTS:
            count = given.count or COUNTS[size]
            folder = work / size.replace(" ", "-")
            _photos(given.photos, folder, SIZES[size], count * (given.rounds + 1))
            for runtime in runtimes:
                own = load_settings(model=model, runtime=runtime, exports=str(exports))
                place = work / f"{size}-{runtime}"
                measured = _measure(own, folder, count, given.rounds, place, ways)
                found[size, runtime] = measured
                for way in ways:
                    print(f"| {size} | {runtime} {measured.line(way)}", flush=True)
    if given.in_process:
        return 0
    print("\nCPU ms of a photo:\n")
    columns = {key: measured.parts() for key, measured in found.items()}
    print("| part |", " | ".join(f"{size}, {runtime}" for size, runtime in columns), "|")
    print("| --- |", " | ".join("---:" for _ in columns), "|")
    for part in next(iter(columns.values())):
        print(f"| {part} |", " | ".join(f"{each[part]:.2f}" for each in columns.values()), "|")
    return 0


def _photos(given: Path | None, folder: Path, size: tuple[int, int], count: int) -> None:
    """Photos of a size: drawn, or those of a folder, enlarged, again and again from its start."""
    if given is None:
        write_photos(folder, size, count)
        return
    folder.mkdir()
    paths = sorted(given.rglob("*.jpg"))
    if not paths:
        raise SystemExit(f"There is no .jpg in {given}.")
    for number in range(count):
        picture = Image.open(paths[number % len(paths)]).convert("RGB")
        data = photographed(picture, size, "JPEG")
        comment = number.to_bytes(2)  # so that no two files are the same
        (folder / f"{number:04}.jpg").write_bytes(data[:2] + b"\xff\xfe\0\x04" + comment + data[2:])


def _measure(
    settings: Settings, photos: Path, count: int, rounds: int, work: Path, ways: Sequence[str]
) -> Measured:
    work.mkdir()
    source = [each for each in open_source(str(photos)) if isinstance(each, Photo)]
    files = [Path(photo.uri).read_bytes() for photo in source[:SOME]]
    tower = model_of(settings, on_demand=False)
    scale = cheapest_scale(tower, files)
    measured = Measured()
    openers = dict(zip(WAYS, (in_process, _through_flow), strict=True))
    with ExitStack() as stack:
        opened = {way: stack.enter_context(openers[way](settings, work / way)) for way in ways}
        for number in range(rounds + 1):
            some = source[number * count : (number + 1) * count]
            for way, (indexer, process) in opened.items():
                cpu, seconds = indexed(some, indexer, process)
                if number:  # the first one warms up
                    measured.cpu[way].append(1000 * cpu / count)
                    measured.rate[way].append(count / seconds)
            if number:
                limit = limit_parts(tower, files, scale)
                paths = [Path(photo.uri) for photo in some[:SOME]]
                measured.limit.append(limit)
                measured.rest.append(other_parts(tower, paths, limit["decode"], work))
    return measured


def indexed(
    photos: Sequence[Photo], indexer: Indexer, process: psutil.Process
) -> tuple[float, float]:
    """Seconds on the processors and on the clock; of a Flow with those of its client."""
    served, own, start = _busy(process), time.process_time(), time.perf_counter()
    report = index_photos(photos, indexer)
    seconds = time.perf_counter() - start
    cpu = time.process_time() - own
    if process.pid != psutil.Process().pid:
        cpu += _busy(process) - served
    assert report.indexed == len(photos), report.skipped
    return cpu, seconds


@contextmanager
def in_process(settings: Settings, index: Path) -> Iterator[tuple[Indexer, psutil.Process]]:
    with PhotoSearch(settings.model_copy(update={"index": str(index)})) as search:
        search.load()
        yield search, psutil.Process()


@contextmanager
def _through_flow(settings: Settings, index: Path) -> Iterator[tuple[Indexer, psutil.Process]]:
    own = settings.model_copy(update={"index": str(index)})
    with FlowProcess(own, private=True) as flow, Client(flow.url) as client:
        yield client, psutil.Process(flow.pid)


def _busy(process: psutil.Process) -> float:
    """Seconds of processor time of a process and all that it has started."""
    family = [process, *process.children(recursive=True)]
    return sum(sum(each.cpu_times()[:2]) for each in family)


if __name__ == "__main__":
    sys.exit(main())
