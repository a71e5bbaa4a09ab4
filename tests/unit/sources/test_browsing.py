"""The folders of this machine as a person looks through them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from photoseek.errors import SourceError
from photoseek.sources.browsing import (
    MOST_FOLDERS,
    FolderView,
    PhotoCounter,
    SubFolder,
    checked_folder,
    first_view,
    folder_view,
    look_at_place,
    why_too_large,
)
from photoseek.sources.usual_places import Place, this_computer
from tests.support.waiting import PATIENCE, wait_until


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with pictures, of somebody who is alone on this machine."""
    home = tmp_path / "home"
    for name in ("Pictures/2024/May", "Pictures/Day 10", "Pictures/day 2", "Music", ".cache"):
        (home / name).mkdir(parents=True)
    for name in ("a.jpg", "2024/b.JPG", "2024/May/c.png", "2024/notes.txt", ".hidden.jpg"):
        (home / "Pictures" / name).touch()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


def names(view: FolderView) -> list[str]:
    return [folder.name for folder in view.folders]


def test_it_begins_at_the_usual_places(home: Path) -> None:
    view = first_view(seconds=PATIENCE)
    assert names(view)[:2] == ["Pictures", "Home"]
    assert names(view)[-1] == "This computer"
    assert "Desktop" not in names(view), "there is none"
    assert [folder.photos for folder in view.folders[:2]] == [3, 3]
    assert view.path == view.problem == ""


def test_pictures_may_have_a_name_of_another_language(home: Path) -> None:
    (home / "Bilder").mkdir()
    config = home / ".config" / "user-dirs.dirs"
    config.parent.mkdir()
    config.write_text('# a comment\nXDG_PICTURES_DIR="$HOME/Bilder"\nXDG_DESKTOP_DIR="$HOME"\n')
    places = {place.name: place.path for place in this_computer()}
    assert places["Pictures"] == str(home / "Bilder")
    assert "Desktop" not in names(first_view(seconds=PATIENCE)), "$HOME means that there is none"


def test_a_disk_that_does_not_answer_is_left_out(home: Path) -> None:
    answers = threading.Event()

    def look(place: Place) -> SubFolder | None:
        if place.name == "This computer":
            answers.wait(PATIENCE)
        return look_at_place(place)

    seconds = 0.1

    def others_are_shown() -> bool:
        nonlocal seconds
        view = first_view(look=look, seconds=seconds)
        assert "This computer" not in names(view)
        seconds *= 2  # this machine may be busy
        return names(view)[:2] == ["Pictures", "Home"]

    wait_until(others_are_shown, "the places that answer")
    answers.set()


def test_a_folder_shows_those_in_it_with_their_photos(home: Path) -> None:
    view = folder_view(str(home / "Pictures"))
    assert names(view) == ["2024", "day 2", "Day 10"]
    assert [folder.photos for folder in view.folders] == [2, 0, 0]
    assert (view.photos, view.is_exact, view.name) == (3, True, "Pictures")
    assert names(folder_view(str(home))) == ["Music", "Pictures"]


def test_the_way_back_begins_at_the_nearest_place(home: Path) -> None:
    way = folder_view(str(home / "Pictures" / "2024" / "May")).parents
    assert [place.name for place in way] == ["Home", "Pictures", "2024"]
    assert [place.path for place in way][-1] == str(home / "Pictures" / "2024")
    [first, *_] = folder_view(str(home.parent)).parents
    assert (first.name, first.path) == ("This computer", "/")
    assert folder_view(str(home)).parents == ()


def test_links_are_followed_to_where_they_lead(home: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    (disk / "inside").mkdir(parents=True)
    (home / "Pictures" / "disk").symlink_to(disk)
    (home / "Pictures" / "loop").symlink_to("loop")
    view = folder_view(str(home / "Pictures"))
    assert names(view) == ["2024", "day 2", "Day 10", "disk"]
    assert folder_view(str(home / "Pictures" / "disk")).path == str(disk)
    dots = folder_view(f"{home}/Pictures/../Pictures/./2024")
    assert dots.path == str(home / "Pictures" / "2024")


def test_what_an_index_keeps_is_no_photo_of_a_person(home: Path) -> None:
    index = home / "Pictures" / "index"
    for name in ("photos.lance", "thumbnails"):
        (index / name).mkdir(parents=True)
        (index / name / "x.jpg").touch()
    (index / "mine.jpg").touch()
    [found] = [each for each in folder_view(str(home / "Pictures")).folders if each.name == "index"]
    assert found.photos == 1
    assert names(folder_view(str(index))) == []


def test_counting_is_cut_off(home: Path) -> None:
    many = home / "many"
    many.mkdir()
    for number in range(30):
        (many / f"{number}.jpg").touch()
    assert PhotoCounter().count(str(many), most=10) == (10, False)
    assert PhotoCounter().count(str(many), most=30) == (30, True)
    times = iter(range(100))
    slow = PhotoCounter(seconds=5, now=lambda: next(times))
    assert slow.count(str(many)) == (5, False)
    assert slow.count(str(many)) == (0, False), "the time is over for all that come after"


def test_a_folder_of_very_many_shows_the_first(tmp_path: Path) -> None:
    for number in range(MOST_FOLDERS + 3):
        (tmp_path / f"{number}").mkdir()
    view = folder_view(str(tmp_path))
    assert len(view.folders) == MOST_FOLDERS
    assert (view.more, view.folders[-1].name) == (3, str(MOST_FOLDERS - 1))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_closed_folder_says_so(home: Path) -> None:
    closed = home / "Pictures" / "closed"
    closed.mkdir(mode=0)
    [found] = [each for each in folder_view(str(closed.parent)).folders if each.name == "closed"]
    assert "Permission denied" in found.problem
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        folder_view(str(closed))


def test_a_name_that_no_json_holds_is_told(home: Path) -> None:
    Path(os.fsdecode(os.fsencode(home) + b"/Pictures/caf\xe9")).mkdir()
    folders = folder_view(str(home / "Pictures")).folders
    [odd] = [each for each in folders if each.problem]
    assert odd.problem == "The name is not UTF-8. Rename it."
    assert (odd.name, odd.path) == (r"caf\udce9", "")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("Pictures", "write its whole path"),
        ("", "write its whole path"),
        ("~/Pictures", "write its whole path"),
        ("../../etc", "write its whole path"),
        ("/no/such\0folder", "write its whole path"),
        ("/no/such/folder", "There is no folder"),
        ("/" + "x" * 300, "cannot be read"),
        ("/proc/self", "what the system tells of itself"),
        ("/sys", "what the system tells of itself"),
        ("/dev/fd", "what the system tells of itself"),
        ("/tmp/../proc", "what the system tells of itself"),
        ("/etc/passwd", "is a file and no folder"),
    ],
)
def test_what_is_no_folder_of_photos_is_refused(path: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        folder_view(path)


def test_a_link_to_what_the_system_tells_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "innocent").symlink_to("/proc")
    with pytest.raises(SourceError, match="what the system tells of itself"):
        checked_folder(str(tmp_path / "innocent"))


def test_roots_are_all_that_there_is(home: Path, tmp_path: Path) -> None:
    roots = [str(home / "Pictures"), "s3://bucket/photos"]
    assert names(first_view(roots, seconds=PATIENCE)) == ["Pictures"]
    inside = folder_view(str(home / "Pictures" / "2024"), roots)
    assert [place.name for place in inside.parents] == ["Pictures"]
    (home / "Pictures" / "out").symlink_to(home / "Music")
    for outside in (home, home / "Music", home / "Pictures" / "out", f"{home}/Pictures/.."):
        with pytest.raises(SourceError, match="PHOTOSEEK_PHOTO_ROOTS"):
            folder_view(str(outside), roots)


def test_the_whole_machine_is_not_indexed_by_mistake(home: Path) -> None:
    assert "whole machine" in why_too_large(Path("/"))
    assert why_too_large(home) == ""
    assert {"proc", "sys", "dev"}.isdisjoint(names(folder_view("/")))
