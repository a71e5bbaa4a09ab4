"""The demo library, in a folder or in a bucket."""

from __future__ import annotations

import csv
from pathlib import Path

from photoseek.demo.library import MANIFEST, write_library
from photoseek.files.filestore import open_files
from photoseek.helpers.uri import is_s3

FOLDER = Path("data/demo/photos")
"""Where `-t demo` draws too, and where a bucket's drawings are made."""


def draw(to: str, count: int) -> str:
    """Draw a library, unless it is there, and give the location of its manifest.

    What is there stays; the manifest comes last.

    Raises:
        StorageError: the place cannot be used.
    """
    place = open_files(to)
    place.prepare()
    if not is_s3(place.uri):
        return str(write_library(Path(place.uri), count))
    manifest = write_library(FOLDER, count)
    there = {entry.name for entry in place.entries()}
    with manifest.open(newline="", encoding="utf-8") as file:
        names = [row["path"] for row in csv.DictReader(file)]
    for name in names:
        if name not in there:
            place.write(name, (FOLDER / name).read_bytes(), "image/jpeg")
    place.write(MANIFEST, manifest.read_bytes(), "text/csv")
    return f"{place.uri}/{MANIFEST}"
