"""Manifests, and what is read from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from photoseek.records import Photo, Skip
from photoseek.sources import open_source

URL = "https://example.com/photos/{}.jpg"


def written(folder: Path, content: str | bytes, name: str = "photos.csv") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def read(folder: Path, content: str | bytes, name: str = "photos.csv") -> list[Photo | Skip]:
    source = open_source(written(folder, content, name))
    found = list(source)
    assert source.count() == len(found)
    return found


def photo(found: Photo | Skip) -> Photo:
    assert isinstance(found, Photo), found
    return found


def reason(found: Photo | Skip) -> str:
    assert isinstance(found, Skip), found
    found.uri.encode()
    found.reason.encode()
    return found.reason


def parquet(folder: Path, **columns: Any) -> str:
    path = folder / "photos.parquet"
    pq.write_table(pa.table(columns), path)
    return str(path)
