"""Indexing from S3 compared with the local disk: reading, decoding and the model, no store.

    python -m bench.s3 --rounds 3

The S3 server is moto in a process of its own, which holds every request for an object back for
20 ms before it answers. It shares the processors with what is measured, so its own use of them
is printed as well.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import psutil

from bench.indexing import COUNTS
from bench.material import SIZES, save_vit_b_32, write_photos
from photoseek.files.filestore import open_files
from photoseek.indexing.building import build_encoder
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.run import IN_FLIGHT
from photoseek.records import EncodedPhoto, Photo
from photoseek.settings import load_settings
from tests.support.s3 import ENVIRONMENT, make_bucket, running_s3

BUCKET = "bench"
DELAY = 0.02
BATCH = 32
WARM_UP = 32


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.s3", description=__doc__)
    parser.add_argument("--photos", type=int, help="of each size")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print("| photos | local disk, photos/s | S3 + 20 ms, photos/s | ratio | server, ms/photo |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder, server() as process:
        model = save_vit_b_32(Path(folder) / "model")
        encoder = build_encoder(load_settings(model=model), roots=None)
        for name, size in SIZES.items():
            paths = write_photos(
                Path(folder) / name.replace(" ", "-"), size, options.photos or COUNTS[name]
            )
            print(measure(name, paths, encoder, process, options.rounds), flush=True)
        encoder.close()
    return 0


def measure(
    name: str, paths: Sequence[Path], encoder: PhotoEncoder, process: psutil.Process, rounds: int
) -> str:
    """A line of the table: medians of rounds that take turns."""
    local = [Photo(id=path.stem, uri=str(path)) for path in paths]
    place = open_files(f"s3://{BUCKET}/{name.replace(' ', '-')}")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda path: place.write(path.name, path.read_bytes()), paths))
    remote = [Photo(id=path.stem, uri=f"{place.uri}/{path.name}") for path in paths]
    for photos in (local, remote):
        rate(encoder, photos[:WARM_UP])
    from_disk, from_s3, serving = [], [], []
    for _ in range(rounds):
        from_disk.append(rate(encoder, local))
        before = busy(process)
        from_s3.append(rate(encoder, remote))
        serving.append((busy(process) - before) / len(remote))
    disk, s3 = median(from_disk), median(from_s3)
    share = f"{s3 / disk:.2f} | {1000 * median(serving):.1f}"
    return f"| {len(paths)} of {name} | {disk:.1f} | {s3:.1f} | {share} |"


def rate(encoder: PhotoEncoder, photos: Sequence[Photo]) -> float:
    """Photos/s in batches, as many of them under way as indexing has."""
    batches = [photos[start : start + BATCH] for start in range(0, len(photos), BATCH)]
    start = time.perf_counter()
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        outcomes = list(pool.map(lambda batch: encoder.encode(batch, [""] * len(batch)), batches))
    seconds = time.perf_counter() - start
    bad = [item for batch in outcomes for item in batch if not isinstance(item, EncodedPhoto)]
    assert not bad, bad[:3]
    return len(photos) / seconds


@contextmanager
def server() -> Iterator[psutil.Process]:
    """A slow S3 server in a process of its own; the AWS settings of this one lead there."""
    context = get_context("spawn")  # never forked: threads run here already
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,))
    process.start()
    try:
        url = ours.recv()
        os.environ.update(ENVIRONMENT, AWS_ENDPOINT_URL=url)
        make_bucket(url, BUCKET)
        assert process.pid is not None
        yield psutil.Process(process.pid)
    finally:
        ours.close()
        process.join()


def serve(pipe: Connection) -> None:
    """Serve until the other end of the pipe is closed."""
    with running_s3(delay=DELAY) as url:
        pipe.send(url)
        try:
            pipe.recv()
        except EOFError:
            return


def busy(process: psutil.Process) -> float:
    """Seconds of processor time."""
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    sys.exit(main())
