"""Several sources of one index, and a source that the index lies in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from photoseek.errors import SourceError
from photoseek.files.filestore import open_files
from photoseek.sources.folder import FolderSource
from tests.support.indexers import MemorySearch
from tests.support.watching import JPEG, OTHER, Rounds, names, quiet


def test_a_bucket_with_its_index_in_it(indexer: MemorySearch, bucket: str) -> None:
    place = open_files(f"{bucket}/photos")
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        place.write(name, JPEG)
    rounds = Rounds(indexer, f"{bucket}/index", place.uri)
    assert rounds().indexed == 3
    assert quiet(rounds())
    place.write("a.jpg", OTHER)
    place.remove(["b.jpg"])
    assert rounds().indexed == 1
    rounds.restart()
    assert rounds(2).removed == 1
    assert names(indexer) == {"a.jpg", "c.jpg"}
    place.remove(["a.jpg", "c.jpg"])
    with pytest.raises(SourceError, match="holds no photos"):
        rounds()
    assert len(indexer.ids) == 2


class SomeOfThem(FolderSource):
    lists_everything = False


def test_pruning_sees_the_whole_of_a_source_or_does_not_begin(
    indexer: MemorySearch, folder: Path
) -> None:
    assert indexer.index(folder).indexed == 3
    with pytest.raises(SourceError, match="must see the whole source"):
        indexer.index(folder, limit=1, prune=True)
    with pytest.raises(SourceError, match="does not list everything"):
        indexer.index(SomeOfThem(str(folder)), prune=True)
    assert len(indexer.ids) == 3


def test_two_sources_leave_each_others_photos_alone(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "z.jpg").write_bytes(JPEG)
    manifest = other / "photos.csv"
    manifest.write_text(f"path\n{folder / 'a.jpg'}\nz.jpg\n")
    folders, rows = watch(folder), watch(manifest)
    folders()
    rows()
    assert names(indexer) == {"a.jpg", "b.jpg", "c.jpg", "z.jpg"}
    assert quiet(folders(2))
    assert quiet(rows(2))
    (folder / "a.jpg").rename(folder / "a.away")
    report = folders(2)
    assert report.removed == 0
    assert report.remarks == (f"Vanished photos that stay, as {manifest} lists them: 1.",)
    manifest.write_text("path\nz.jpg\n")
    assert rows(2).removed == 1
    assert names(indexer) == {"b.jpg", "c.jpg", "z.jpg"}


def test_a_folder_inside_a_watched_folder(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path
) -> None:
    outer, inner = watch(folder), watch(folder / "deep")
    outer()
    inner()
    (folder / "deep" / "d.jpg").write_bytes(JPEG)
    inner()
    outer()
    (folder / "deep" / "c.jpg").unlink()
    inner(2)
    assert names(indexer) == {"a.jpg", "b.jpg", "c.jpg", "d.jpg"}
    outer(2)
    assert names(indexer) == {"a.jpg", "b.jpg", "d.jpg"}
