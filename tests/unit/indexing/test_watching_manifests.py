"""Manifests that change, and photos behind URLs, from round to round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.indexers import MemorySearch
from tests.support.watching import JPEG, Rounds, names, quiet
from tests.support.web_server import Handler, PhotoServer, running_server


@pytest.fixture
def photo_server() -> Iterator[PhotoServer]:
    def answer(handler: Handler) -> None:
        found = handler.path != "/missing.jpg"
        handler.answer(200 if found else 404, JPEG if found else b"")

    with running_server({"": answer}) as server:
        yield server


def test_rows_of_a_manifest(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path
) -> None:
    manifest = folder / "photos.csv"
    manifest.write_text("path,id,caption\na.jpg,1,one\nb.jpg,2,two\ndeep/c.jpg,,three\n")
    rounds = watch(manifest)
    assert rounds().indexed == 3
    manifest.write_text("path,id,caption\na.jpg,1,new\ndeep/c.jpg,,three\n")
    assert rounds().updated == 1
    assert rounds().removed == 1
    assert names(indexer) == {"a.jpg", "c.jpg"}
    for name in ("a.jpg", "deep/c.jpg"):  # the rows are there: only their files are away
        (folder / name).rename(folder / f"{name}.away")
    assert len(rounds().skipped) == 2
    assert quiet(rounds(3))
    assert names(indexer) == {"a.jpg", "c.jpg"}


def test_nothing_is_removed_while_rows_cannot_be_read(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path
) -> None:
    manifest = folder / "photos.csv"
    manifest.write_text("path\na.jpg\nb.jpg\ndeep/c.jpg\n")
    rounds = watch(manifest)
    rounds()
    manifest.write_text('path\na.jpg\n"b.jpg\ndeep/c.jpg\n')
    [remark] = rounds().remarks
    assert remark.startswith(
        "Photos that may have vanished: 1. They stay in the index, because of "
    )
    assert "check its quotes" in remark, "which cost this row alone, and not the next one"
    assert quiet(rounds(2))
    assert len(indexer.ids) == 3
    manifest.write_text("path\na.jpg\n")
    assert rounds(2).removed == 2


def test_photos_behind_urls_are_not_fetched_in_every_round(
    watch: Callable[[Path], Rounds],
    indexer: MemorySearch,
    folder: Path,
    photo_server: PhotoServer,
) -> None:
    url, asked = photo_server.url, photo_server.calls
    manifest = folder / "photos.csv"
    rows = [f"{url}/1.jpg,one\n", f"{url}/2.jpg,two\n", f"{url}/missing.jpg,three\n"]
    manifest.write_text("url,caption\n" + "".join(rows))
    rounds = watch(manifest)
    report = rounds()
    assert (report.indexed, len(report.skipped)) == (2, 1)
    asked.clear()
    report = rounds()
    assert quiet(report)
    assert report.unchanged == 2
    assert asked == {"/missing.jpg": 1}, "what could not be had is tried again"
    asked.clear()
    manifest.write_text("url,caption\n" + rows[0].replace("one", "new") + rows[1])
    report = rounds()
    assert (report.updated, report.unchanged) == (1, 1)
    assert asked == {"/1.jpg": 1}
    manifest.write_text("url,caption\n" + rows[1])
    assert rounds(2).removed == 1
    assert len(indexer.ids) == 1


def test_photos_that_cannot_be_used_are_tried_ever_more_rarely(
    watch: Callable[[Path], Rounds],
    indexer: MemorySearch,
    folder: Path,
    photo_server: PhotoServer,
) -> None:
    url, asked = photo_server.url, photo_server.calls
    manifest, broken = folder / "photos.csv", folder / "a.jpg"
    broken.write_bytes(JPEG[:-200])
    manifest.write_text(f"path,url\na.jpg,\n,{url}/missing.jpg\n")
    rounds = watch(manifest)
    assert len(rounds().skipped) == 2
    tried = []
    for number in range(2, 20):
        asked.clear()
        assert quiet(rounds()), "what was told is not told again, tried or not"
        tried += [number] * asked.total()
    assert tried == [2, 4, 8, 16]
    broken.write_bytes(JPEG)
    manifest.write_text(f"path,url,caption\na.jpg,,\n,{url}/missing.jpg,new words\n")
    asked.clear()
    assert rounds().indexed == 1, "another file of that name is tried at once"
    assert asked == {"/missing.jpg": 1}, "and so is another row"
