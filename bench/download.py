"""Downloading from a server that takes its time: photos/s, and CPU for each photo.

`python -m bench.download` serves photos of some 100 KB from another process, each 20 ms late, and
fetches them with 1, 8 and 32 connections into a folder.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from bench.material import write_photos
from photoseek.download import DownloadOptions, Journal, download
from photoseek.files.filestore import open_files
from photoseek.records import Photo

HEADER = ("| connections | photos/s | CPU per photo, ms |", "| ---: | ---: | ---: |")
CONNECTIONS = (1, 8, 32)
LATENCY = 0.02
SIZE = (800, 600)
SECONDS = 5


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.download", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="roughly, for each row")
    options = parser.parse_args()
    print(*HEADER, *measure(options.seconds), sep="\n")
    return 0


def measure(seconds: float = SECONDS) -> list[str]:
    """One row of Markdown for each number of connections."""
    lines = []
    with tempfile.TemporaryDirectory() as name:
        [photo] = write_photos(Path(name) / "served", SIZE, 1)
        with served(photo.read_bytes(), LATENCY) as url:
            for connections in CONNECTIONS:
                count = round(seconds * connections / LATENCY / 2)
                folder = Path(name) / str(connections)
                rate, cpu = fetch(folder, url, count, connections)
                lines.append(f"| {connections} | {rate:.0f} | {1000 * cpu:.2f} |")
    return lines


def fetch(folder: Path, url: str, count: int, connections: int) -> tuple[float, float]:
    """Photos/s, and CPU seconds for each photo, of this process with all its threads."""
    options = DownloadOptions(
        concurrency=connections, per_host=connections, allow_private_addresses=True
    )
    place = open_files(str(folder))
    place.prepare()
    photos = (Photo(id=str(number), uri=f"{url}/{number}.jpg") for number in range(count))
    with Journal(folder) as journal:
        before, start = cpu_seconds(), time.perf_counter()
        report = download(photos, place, journal, options)
        took, used = time.perf_counter() - start, cpu_seconds() - before
    assert report.arrived == count, report
    return count / took, used / count


def cpu_seconds() -> float:
    """User and system time of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def served(photo: bytes, latency: float) -> Iterator[str]:
    """A server in another process; every path is the photo with another last byte."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(photo, latency, there), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()


def serve(photo: bytes, latency: float, ready: Connection) -> None:
    """Serve until terminated; tell the port."""

    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(latency)
        # Bytes after the end of a JPEG are ignored, and make every photo another one.
        return web.Response(body=photo + request.path.encode(), content_type="image/jpeg")

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/{name}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
