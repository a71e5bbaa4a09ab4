"""An index that lies below the photos that it is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.files.filestore import open_files
from photoseek.records import Photo
from photoseek.sources import open_source
from photoseek.store import open_store
from tests.support.pictures import drawing, saved
from tests.support.stored_photos import MODEL, encoded

JPEG = saved(drawing(), "JPEG")


@pytest.mark.parametrize("inside", ["", "/deep", "/deep/er"])
def test_an_index_below_its_own_source_is_no_photos(
    bucket: str, tmp_path: Path, inside: str
) -> None:
    """Its thumbnails would be indexed, and the thumbnails of these, without an end."""
    for source in (str(tmp_path), f"{bucket}/photos"):
        place = open_files(source)
        for name in ("a.jpg", "deep/c.jpg", "deep/thumbnails/z.jpg"):
            place.write(name, JPEG)
        found = {photo.uri for photo in open_source(source) if isinstance(photo, Photo)}
        store = open_store(f"{source}{inside}/index", MODEL)
        store.upsert([encoded(n) for n in range(40)])
        assert len([entry for entry in place.entries() if "index/thumbnails" in entry.name]) == 40
        opened = open_source(source)
        assert {photo.uri for photo in opened if isinstance(photo, Photo)} == found
        assert opened.count() == len(found)
        assert not opened.notes.not_read
