"""Downloads into a folder, and what they leave there."""

from __future__ import annotations

import csv
import os
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from photoseek.download import ClosedHosts, DownloadOptions, DownloadReport, Journal, download
from photoseek.files.filestore import open_files
from photoseek.photos import ImageLimits
from photoseek.records import Photo, Skip
from tests.support.terminal import command
from tests.support.waiting import PATIENCE
from tests.support.zygote import Forked

OPTIONS = DownloadOptions(
    seconds=20,
    first_pause=0.01,
    limits=ImageLimits(max_megabytes=1),
    allow_private_addresses=True,
)


def fetch(
    folder: Path,
    urls: Iterable[str | Photo | Skip],
    options: DownloadOptions = OPTIONS,
    *,
    retry_failures: bool = False,
    closed: ClosedHosts | None = None,
) -> DownloadReport:
    photos = [Photo(id=url, uri=url) if isinstance(url, str) else url for url in urls]
    place = open_files(str(folder))
    place.prepare()
    with Journal(folder) as journal:
        return download(
            photos, place, journal, options, retry_failures=retry_failures, closed=closed
        )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def arrived(folder: Path) -> dict[str, str]:
    """The path of each URL that arrived; none may be there twice."""
    found = rows(folder / "manifest.csv")
    by_url = {row["url"]: row["path"] for row in found}
    assert len(by_url) == len(found), "a URL is in the manifest twice"
    return by_url


def reasons(folder: Path) -> dict[str, str]:
    """The reason of each URL that failed."""
    return {row["url"]: row["reason"] for row in rows(folder / "failures.csv")}


def files(folder: Path) -> list[str]:
    """The photos in a folder, by relative name; nothing half-written may be among them."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".csv"]
    names = sorted(str(path.relative_to(folder)) for path in found)
    assert not [name for name in names if "part" in name or ".photoseek-" in name]
    return [name for name in names if name != ".download.lock"]


@contextmanager
def watching(*options: str) -> Iterator[Iterator[str]]:
    """The lines that `-t download` with a --watch says; it is ended as a system ends services."""
    with Forked(
        command("-t", "download", *options, "--allow-private-addresses"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
    ) as process:
        guard = threading.Timer(PATIENCE, process.kill)
        guard.start()
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            guard.cancel()
            process.terminate()
        assert process.wait(PATIENCE) == 143
