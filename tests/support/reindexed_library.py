"""A library that tests reindex."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photoseek import PhotoSearch
from tests.support.killed_reindex import picture
from tests.support.other_models import DEMO

PHOTOS = 8


@contextmanager
def library_of(location: str, photos: Path) -> Iterator[PhotoSearch]:
    """One at a location, with that many photos, which are made in a folder."""
    photos.mkdir()
    for number in range(PHOTOS):
        (photos / f"{number}.jpg").write_bytes(picture(number, side=64))
    with PhotoSearch.open(location, model=DEMO) as search:
        assert search.index(photos).indexed == PHOTOS
        yield search
