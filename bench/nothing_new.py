"""A run over many photos that are all indexed already: `python -m bench.nothing_new`.

Beside it stands the listing alone, by the same source in a process of its own: a run with nothing
to do cannot be faster. The first run notes what the source lists, and those after it have that.
Then a gateway serves the index, and its processes are measured as well.
The files are hard links to a few photos, and the bucket is a listing that a server makes up
(`bench.listed_bucket`); vectors are made up as well, since nobody reads them.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from itertools import islice
from pathlib import Path

import lancedb
import numpy as np
import psutil
import pyarrow as pa

from bench.listed_bucket import IN_FOLDER, listed_bucket
from bench.material import SIZES, write_photos
from bench.processes import (
    APP,
    KINDS,
    Cost,
    measure,
    most_memory,
    plain_environment,
    served,
    task,
)
from photoseek.model import load_model
from photoseek.records import EncodedPhoto, Photo
from photoseek.sources import open_source
from photoseek.store import open_store
from photoseek.store.beside import INDEX_SIGN

MODEL = "demo"
LINKS = 30_000
"""Names of one file: file systems have a limit."""

BATCH = 100_000
ALIKE = 1_000
BUCKET = "s3://bench/photos"
COUNT = """
import sys
from photoseek.sources import open_source
print(sum(1 for _ in open_source(sys.argv[1])))
"""
AWS = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.nothing_new", description=__doc__)
    parser.add_argument("--photos", type=int, default=100_000, help="default: 100,000")
    photos: int = parser.parse_args().photos
    print("| source | what | s | CPU, s | CPU, µs a photo | memory, MB |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        _write_files(work / "photos", photos)
        with listed_bucket(photos) as url:
            os.environ.update(AWS, AWS_ENDPOINT_URL=url)
            for label, source in (("a folder", str(work / "photos")), ("a bucket", BUCKET)):
                index = work / label
                _fill(index, source)
                environment = plain_environment()
                listing = [sys.executable, "-c", COUNT, source]
                run = task("index", "--source", source, "--index", str(index))
                for what, command in (
                    ("the listing alone", listing),
                    ("the first run", run),
                    ("a run after it", run),
                ):
                    with most_memory() as memory:
                        cost = measure(command, environment, APP.parent)
                    print(_line(label, what, cost, max(memory), photos), flush=True)
                for kind, options in KINDS.items():
                    what = f"a run through a gateway, {kind}"
                    cost, used = _through_a_gateway(source, index, options)
                    print(_line(label, what, cost, used, photos), flush=True)
    return 0


def _through_a_gateway(source: str, index: Path, options: tuple[str, ...]) -> tuple[Cost, float]:
    """What a run costs together with the gateway, and MB of both."""
    with served(str(index), *options) as server:
        server.client.search("a red car", top_k=1)
        parts = [server.process.pid, *_children(server.process.pid)]
        url = f"http://127.0.0.1:{server.port}"
        run = task("index", "--source", source, "--gateway", url)
        before = _cpu(parts)
        with most_memory() as memory:
            cost = measure(run, plain_environment(), APP.parent)
        return Cost(cost.seconds, cost.cpu + _cpu(parts) - before), max(memory)


def _children(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _cpu(pids: list[int]) -> float:
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def _line(source: str, what: str, cost: Cost, memory: float, photos: int) -> str:
    each = 1e6 * cost.cpu / photos
    return (
        f"| {source} | {what} | {cost.seconds:.1f} | {cost.cpu:.1f} | {each:.0f} | {memory:.0f} |"
    )


def _write_files(folder: Path, count: int) -> None:
    seeds = write_photos(folder.parent / "seeds", SIZES["0.2 MP"], -(-count // LINKS))
    for number in range(count):
        inside = folder / f"{number // IN_FOLDER:05}"
        if number % IN_FOLDER == 0:
            inside.mkdir(parents=True)
        (inside / f"{number:08}.jpg").hardlink_to(seeds[number // LINKS])


def _fill(index: Path, source: str) -> None:
    """An index of what a source lists, as a run would have made it.

    But for their places, versions and the hashes of both, all photos are like the first few, and
    their rows are written without the store, which would take ten times as long.
    """
    model = load_model(MODEL).identity
    store = open_store(index, model)
    random = np.random.default_rng(0)
    listed = (each for each in open_source(source) if isinstance(each, Photo))
    first = list(islice(listed, ALIKE))
    vectors = random.standard_normal((len(first), model.dimensions), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store.upsert(
        [
            EncodedPhoto(photo, "0" * 32, 4000, 3000, vector, b"", keep="none")
            for photo, vector in zip(first, vectors, strict=True)
        ]
    )
    table = lancedb.connect(str(index)).open_table(INDEX_SIGN.removesuffix(".lance"))
    alike = table.to_arrow()
    while photos := list(islice(listed, BATCH)):
        rows = alike.take(np.arange(len(photos)) % len(alike))
        columns = {
            "id": [photo.id for photo in photos],
            "uri": [photo.uri for photo in photos],
            "fingerprint": [photo.fingerprint for photo in photos],
        }
        for name, values in columns.items():
            place = rows.schema.get_field_index(name)
            rows = rows.set_column(place, rows.schema.field(place), pa.array(values))
        table.add(rows)
    store.maintain()


if __name__ == "__main__":
    sys.exit(main())
