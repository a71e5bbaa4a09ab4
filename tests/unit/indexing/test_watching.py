"""What has vanished from a source, and what has not: folders and manifests that change."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from photoseek.errors import ServiceError, SourceError
from photoseek.files.filestore import open_files
from photoseek.indexing.inventory import open_inventory
from photoseek.indexing.pruning import Listing, Pruned, prune
from photoseek.indexing.run import index_photos
from photoseek.indexing.watching import MANY, Watch
from photoseek.records import IndexReport, Photo, Skip
from photoseek.settings import load_settings
from photoseek.sources import open_source
from tests.support.indexers import MemorySearch
from tests.support.pictures import drawing, saved

JPEG = saved(drawing(), "JPEG")
OTHER = saved(drawing(64, 96), "JPEG")


@pytest.fixture
def indexer(index: str) -> Iterator[MemorySearch]:
    with MemorySearch(load_settings(index=index)) as indexer:
        yield indexer


@pytest.fixture
def index(tmp_path: Path) -> str:
    return str(tmp_path / "index")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "deep/c.jpg"):
        (folder / name).write_bytes(JPEG)
    return folder


class Rounds:
    """A watch on one source; `restart` forgets all that a process would forget."""

    def __init__(self, indexer: MemorySearch, index: str, source: Path | str) -> None:
        self.source = str(source)
        self.indexer = indexer
        self._index = index
        self.restart()

    def restart(self) -> None:
        location = open_source(self.source).location
        self._watch = Watch(open_inventory(self._index, location))

    def __call__(self, times: int = 1) -> IndexReport:
        for _ in range(times):
            report = self._watch.round(open_source(self.source), self.indexer)
        return report


@pytest.fixture
def watch(indexer: MemorySearch, index: str) -> Callable[[Path], Rounds]:
    return lambda source: Rounds(indexer, index, source)


def names(indexer: MemorySearch) -> set[str]:
    return {Path(uri).name for uri in indexer.uris}


def quiet(report: IndexReport) -> bool:
    changes = report.indexed or report.updated or report.removed
    return not (changes or report.skipped or report.remarks)


def pruned(source: Path, indexer: MemorySearch, index: str) -> Pruned:
    opened = open_source(str(source))
    inventory = open_inventory(index, opened.location)
    listing = Listing(opened, inventory)
    index_photos(listing, indexer)
    vanished = listing.vanished()
    assert not vanished.doubt
    return prune(vanished.ids, inventory, indexer)


def test_new_changed_and_vanished_photos(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path
) -> None:
    rounds = watch(folder)
    assert rounds().indexed == 3
    assert quiet(rounds())
    (folder / "d.jpg").write_bytes(JPEG)
    (folder / "a.jpg").write_bytes(OTHER)
    (folder / "deep" / "c.jpg").unlink()
    report = rounds()
    assert (report.indexed, report.removed) == (2, 0)
    report = rounds()
    assert (report.indexed, report.removed, report.unchanged) == (0, 1, 3)
    assert names(indexer) == {"a.jpg", "b.jpg", "d.jpg"}
    assert quiet(rounds())


def test_a_photo_that_is_back_in_time_is_never_removed(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path
) -> None:
    rounds = watch(folder)
    rounds()
    for _ in range(3):
        (folder / "a.jpg").rename(folder / "a.part")
        assert quiet(rounds())
        (folder / "a.part").rename(folder / "a.jpg")
        assert quiet(rounds())
    assert len(indexer.sent) == 3


def test_a_photo_that_comes_back_later_is_indexed_and_can_vanish_again(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path
) -> None:
    rounds = watch(folder)
    rounds()
    for _ in range(2):
        (folder / "a.jpg").rename(folder / "a.part")
        assert rounds(2).removed == 1
        assert names(indexer) == {"b.jpg", "c.jpg"}
        (folder / "a.part").rename(folder / "a.jpg")
        assert rounds().indexed == 1


def test_what_vanished_while_nobody_watched_is_found(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path, index: str
) -> None:
    assert pruned(folder, indexer, index).removed == 0
    (folder / "a.jpg").unlink()
    assert watch(folder)(2).removed == 1
    (folder / "b.jpg").unlink()
    assert pruned(folder, indexer, index).removed == 1
    assert names(indexer) == {"c.jpg"}


def test_a_run_that_was_cut_short_is_remembered(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path, index: str
) -> None:
    opened = open_source(str(folder))
    passing = iter(Listing(opened, open_inventory(index, opened.location)))
    index_photos([next(passing)], indexer)  # the first photo is stored, then the run is killed
    assert names(indexer) == {"a.jpg"}
    (folder / "a.jpg").unlink()
    assert watch(folder)(2).removed == 1
    assert names(indexer) == {"b.jpg", "c.jpg"}


def test_a_growing_photo_is_told_once_and_indexed_when_it_is_whole(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path
) -> None:
    rounds = watch(folder)
    rounds()
    growing = folder / "new.jpg"
    growing.write_bytes(OTHER[:300])
    assert [Path(skip.uri) for skip in rounds().skipped] == [growing]
    growing.write_bytes(OTHER[:400])
    assert quiet(rounds())
    growing.write_bytes(OTHER)
    assert rounds().indexed == 1
    growing.write_bytes(JPEG[:300])
    assert len(rounds().skipped) == 1
    assert len(indexer.uris) == 4, "the whole photo stays meanwhile"


def test_an_empty_or_missing_folder_loses_nothing(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path
) -> None:
    rounds = watch(folder)
    rounds()
    folder.rename(folder.with_name("unmounted"))
    for _ in range(3):
        with pytest.raises(SourceError, match="There is no folder"):
            rounds()
    folder.mkdir()
    for _ in range(3):
        with pytest.raises(SourceError, match="holds no photos"):
            rounds()
    folder.rmdir()
    folder.with_name("unmounted").rename(folder)
    assert quiet(rounds())
    assert len(indexer.ids) == 3


def test_a_folder_that_is_emptied_between_two_looks_loses_nothing(
    indexer: MemorySearch, folder: Path, index: str
) -> None:
    inventory = open_inventory(index, str(folder))
    watched = Watch(inventory)
    watched.round(open_source(str(folder)), indexer)
    opened = open_source(str(folder))
    folder.rename(folder.with_name("unmounted"))
    for _ in range(3):
        assert watched.round(opened, indexer).removed == 0
    folder.mkdir()
    report = watched.round(opened, indexer)
    assert report.remarks == (
        "Photos that may have vanished: 3. They stay in the index, because nothing else is there "
        "either.",
    )
    assert quiet(watched.round(opened, indexer))
    assert len(indexer.ids) == 3


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_closed_folder_keeps_its_photos_for_a_person(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path
) -> None:
    rounds = watch(folder)
    rounds()
    (folder / "deep").chmod(0)
    try:
        assert len(rounds().skipped) == 1
        assert quiet(rounds(2))
    finally:
        (folder / "deep").chmod(0o755)
    assert len(indexer.ids) == 3


def test_what_lies_below_a_skipped_folder_has_not_vanished(
    indexer: MemorySearch, folder: Path, index: str
) -> None:
    photos = list(open_source(str(folder)))
    watched = Watch(open_inventory(index, str(folder)))
    watched.round(photos, indexer)
    closed = Skip(str(folder / "deep"), "Folder cannot be read: Permission denied.")
    assert [watched.round([photos[0], closed], indexer).removed for _ in range(3)] == [0, 1, 0]
    assert names(indexer) == {"a.jpg", "c.jpg"}


def test_a_link_whose_target_is_away_has_not_vanished(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (disk / "far.jpg").write_bytes(JPEG)
    (folder / "link.jpg").symlink_to(disk / "far.jpg")
    rounds = watch(folder)
    assert rounds().indexed == 4
    disk.rename(tmp_path / "unmounted")
    assert len(rounds().skipped) == 1
    assert quiet(rounds(3))
    assert len(indexer.ids) == 4
    (folder / "link.jpg").unlink()
    assert rounds(2).removed == 1


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


def test_more_than_half_at_once_must_be_confirmed(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path, index: str
) -> None:
    for number in range(MANY):
        (folder / "deep" / f"{number}.jpg").write_bytes(JPEG)
    rounds = watch(folder)
    rounds()
    (folder / "deep").rename(folder.with_name("unmounted"))
    [remark] = rounds().remarks
    assert remark.startswith("Photos that have vanished: 101, 98% of the source.")
    assert quiet(rounds(3))
    assert len(indexer.ids) == MANY + 3
    assert pruned(folder, indexer, index).removed == 101
    assert quiet(rounds())


def test_a_failed_round_changes_nothing_and_the_next_one_goes_on(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path
) -> None:
    rounds = watch(folder)
    rounds()
    (folder / "a.jpg").unlink()
    (folder / "d.jpg").write_bytes(JPEG)
    indexer.is_down = True
    for _ in range(3):
        with pytest.raises(ServiceError):
            rounds()
    indexer.is_down = False
    report = rounds()
    assert (report.indexed, report.removed) == (1, 0)
    assert rounds().removed == 1
    assert names(indexer) == {"b.jpg", "c.jpg", "d.jpg"}


def test_a_restart_forgets_what_was_told_and_what_was_missing_once(
    watch: Callable[[Path], Rounds], indexer: MemorySearch, folder: Path
) -> None:
    (folder / "bad.jpg").write_bytes(b"no photo")
    rounds = watch(folder)
    assert len(rounds().skipped) == 1
    (folder / "a.jpg").unlink()
    assert quiet(rounds())
    rounds.restart()
    report = rounds()
    assert (len(report.skipped), report.removed) == (1, 0)
    assert rounds().removed == 1


class _Web(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        found = self.path != "/missing.jpg"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(JPEG) if found else 0))
        self.end_headers()
        self.wfile.write(JPEG if found else b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def photo_server() -> Iterator[tuple[str, list[str]]]:
    """A URL, and the paths that it was asked for."""
    _Web.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Web)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", _Web.asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_photos_behind_urls_are_not_fetched_in_every_round(
    watch: Callable[[Path], Rounds],
    indexer: MemorySearch,
    folder: Path,
    photo_server: tuple[str, list[str]],
) -> None:
    url, asked = photo_server
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
    assert asked == ["/missing.jpg"], "what could not be had is tried again"
    asked.clear()
    manifest.write_text("url,caption\n" + rows[0].replace("one", "new") + rows[1])
    report = rounds()
    assert (report.updated, report.unchanged) == (1, 1)
    assert asked == ["/1.jpg"]
    manifest.write_text("url,caption\n" + rows[1])
    assert rounds(2).removed == 1
    assert len(indexer.ids) == 1


def test_photos_that_cannot_be_used_are_tried_ever_more_rarely(
    watch: Callable[[Path], Rounds],
    indexer: MemorySearch,
    folder: Path,
    photo_server: tuple[str, list[str]],
) -> None:
    url, asked = photo_server
    manifest, broken = folder / "photos.csv", folder / "a.jpg"
    broken.write_bytes(JPEG[:-200])
    manifest.write_text(f"path,url\na.jpg,\n,{url}/missing.jpg\n")
    rounds = watch(manifest)
    assert len(rounds().skipped) == 2
    tried = []
    for number in range(2, 20):
        asked.clear()
        assert quiet(rounds()), "what was told is not told again, tried or not"
        tried += [number] * len(asked)
    assert tried == [2, 4, 8, 16]
    broken.write_bytes(JPEG)
    manifest.write_text(f"path,url,caption\na.jpg,,\n,{url}/missing.jpg,new words\n")
    asked.clear()
    assert rounds().indexed == 1, "another file of that name is tried at once"
    assert asked == ["/missing.jpg"], "and so is another row"


def test_entries_of_a_pass_are_handed_on_unchanged(folder: Path, index: str) -> None:
    entries: list[Photo | Skip] = [*open_source(str(folder)), Skip("/x", "bad")]
    assert list(Listing(entries, open_inventory(index, str(folder)))) == entries
