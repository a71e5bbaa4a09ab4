"""The embedded store as it grows to a million photos: what writing, upkeep and searching take.

    python -m bench million --rows 1000000 --folder /var/tmp/million

Photos are added in steps, by 1,000 to a commit. After each step the index is put in order, and a
process of its own searches it. JSON, a page and its plots are written into docs/benchmarks. A
million rows take 8 GB of disk below the folder, and an hour at most on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench.million_page import write_page
from bench.million_photos import MODEL, encoded, write_vectors
from bench.million_reads import anonymous_memory
from bench.recall_curves import curves
from bench.running import printed
from photoseek.store import PhotoStore, open_store
from photoseek.store.lance.index_upkeep import partitions_of
from photoseek.store.lance.opening import LanceEngine, layout_of
from photoseek.store.lance.upkeep_limits import DEFAULT_LIMITS, UpkeepLimits

BATCH, COMMIT = 1_000, 32
_AGAIN = 5  # small commits, whose median counts
_NO_ROW = 10**9
AT_ONCE = UpkeepLimits(grace=timedelta(0), clock_margin=timedelta(0), old_age=timedelta(0))
DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
Row = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Measure, and write what was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench million", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--step", type=int, default=100_000)
    parser.add_argument("--curves-at", type=int, default=200_000, help="rows of the recall curves")
    parser.add_argument("--folder", type=Path, help="of the index, a temporary one if not given")
    parser.add_argument("--out", type=Path, default=DOCS)
    parser.add_argument("--note", default="", help="what the page says about the machine")
    options = parser.parse_args(arguments)
    least = DEFAULT_LIMITS.index_from_rows
    if (fewest := min(options.rows, options.curves_at)) < least:
        parser.error(
            f"--rows and --curves-at take {least:,} or more, and {fewest:,} are given: with fewer "
            "photos the store makes no index, and there is no curve to draw."
        )
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        measured = measure(Path(name), options.rows, options.step, options.curves_at)
    measured["note"] = options.note
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "million.json").write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    write_page(measured, options.out)
    return 0


def measure(folder: Path, rows: int, step: int, curves_at: int) -> Row:
    """Everything that the page is made of."""
    store = open_store(folder / "index", MODEL)
    steps: list[Row] = []
    curve: Row = {}
    for first in range(0, rows, step):
        steps.append(grown(store, folder, first, min(step, rows - first)))
        print(json.dumps(steps[-1]), flush=True)
        if not curve and first + step >= min(curves_at, rows):
            curve = curves(str(folder / "index"), folder / "vectors", first + step)
    whole = read_apart(folder, rows, "--all")
    resting = LanceEngine(AT_ONCE).open(str(folder / "index"))
    before = resting.size()
    for _ in range(2):  # what the first one has joined goes with the second one
        resting.maintain()
    return {
        "machine": machine(),
        "rows": rows,
        "partition_rows": DEFAULT_LIMITS.partition_rows,
        "outgrown": DEFAULT_LIMITS.outgrown,
        "steps": steps,
        "whole": whole,
        "curves": curve,
        "disk": {
            "live_gb": live_bytes(folder) / 1e9,
            "at_the_end_gb": before / 1e9,
            "rested_gb": resting.size() / 1e9,
            "vectors_gb": rows * MODEL.dimensions * 4 / 1e9,
        },
    }


def grown(store: PhotoStore, folder: Path, first: int, count: int) -> Row:
    """One step: photos in, upkeep, small commits, searches."""
    vectors = write_vectors(folder / "vectors", first, count)
    rows = first + count
    total = dict.fromkeys(("s", "cpu_s", "read_mb", "written_mb"), 0.0)
    for start in range(0, count, BATCH):
        part = vectors[start : start + BATCH]
        photos = [encoded(first + start + n, vector) for n, vector in enumerate(part)]
        for name, value in costs(partial(store.upsert, photos)).items():
            total[name] += value
    row: Row = {
        "rows": rows,
        "insert_per_s": count / total["s"],
        "insert_read_mb": total["read_mb"],
    }
    row["insert_cpu_us"] = 1e6 * total["cpu_s"] / count
    row |= {f"maintain_{name}": value for name, value in costs(store.maintain).items()}
    row |= {"disk_gb": store.size() / 1e9, "live_gb": live_bytes(folder) / 1e9}
    row["partitions"] = partitions_of(table_of(folder).schema)
    row["memory_gb"] = anonymous_memory() - vectors.nbytes / 1e9
    new = [encoded(_NO_ROW + first + n, one) for n, one in enumerate(vectors[: _AGAIN * COMMIT])]
    old = [encoded(first + n, vector) for n, vector in enumerate(vectors[: _AGAIN * COMMIT])]
    for name, photos in (("new", new), ("old", old)):
        parts = (photos[start : start + COMMIT] for start in range(0, len(photos), COMMIT))
        each = [costs(partial(store.upsert, part)) for part in parts]
        row[f"commit_{name}"] = {what: median(cost[what] for cost in each) for what in each[0]}
    store.delete(photo.photo.id for photo in new)
    row["search"] = read_apart(folder, rows)["all"]
    return row


def costs(action: Callable[[], object]) -> dict[str, float]:
    """Seconds, CPU seconds, and MB that were read and written, from disk or its cache."""
    cpu, io, start = _cpu(), _io(), time.perf_counter()
    action()
    seconds, after = time.perf_counter() - start, _io()
    moved = {name: (after[kind] - io[kind]) / 1e6 for kind, name in _KINDS.items()}
    return {"s": seconds, "cpu_s": _cpu() - cpu, **moved}


def read_apart(folder: Path, rows: int, *more: str) -> Row:
    """What `bench.million_reads` prints, in a process of its own."""
    command = [sys.executable, "-m", "bench.million_reads", str(folder / "index")]
    command += [str(folder / "vectors"), str(rows), *more]
    found: Row = json.loads(printed(command))
    return found


def live_bytes(folder: Path) -> int:
    """The size of what the newest version of the table consists of."""
    return int(table_of(folder).stats()["total_bytes"])


def table_of(folder: Path) -> Any:
    """The newest version of the table."""
    return layout_of(str(folder / "index")).connect().open_table("photos")


def machine() -> Row:
    """Where and when."""
    processors = Path("/proc/cpuinfo").read_text("utf-8").split("model name\t: ")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processors[1].splitlines()[0] if processors[1:] else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9,
        "load": os.getloadavg()[2],
        "disk_free_gb": shutil.disk_usage("/").free / 1e9,
    }


_KINDS = {"rchar": "read_mb", "wchar": "written_mb"}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _io() -> dict[str, int]:
    lines = Path("/proc/self/io").read_text("ascii").splitlines()
    return {name: int(value) for name, value in (line.split(": ") for line in lines)}


if __name__ == "__main__":
    sys.exit(main())
