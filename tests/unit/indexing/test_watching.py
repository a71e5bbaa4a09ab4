"""What has vanished from a folder, and what has not, while it changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from photoseek.errors import ServiceError, SourceError
from photoseek.indexing.inventory import open_inventory
from photoseek.indexing.pruning import Listing
from photoseek.indexing.run import index_photos
from photoseek.indexing.watching import MANY, Watch
from photoseek.records import Photo, Skip
from photoseek.sources import open_source
from tests.support.indexers import MemorySearch
from tests.support.watching import JPEG, OTHER, Rounds, names, pruned, quiet


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


def test_entries_of_a_pass_are_handed_on_unchanged(folder: Path, index: str) -> None:
    entries: list[Photo | Skip] = [*open_source(str(folder)), Skip("/x", "bad")]
    assert list(Listing(entries, open_inventory(index, str(folder)))) == entries
