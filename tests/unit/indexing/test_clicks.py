"""What people say of hits is kept whole, once and for good, in a folder and in a bucket."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from photoseek.errors import DamagedStoreError, StoreWriteError
from photoseek.files.filestore import FolderFiles, open_files
from photoseek.indexing.clicks import Click, Clicks
from photoseek.store.run_state import run_state


@pytest.fixture(params=["folder", "bucket"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "index")
    return f"{request.getfixturevalue('bucket')}/index"


def test_clicks_are_kept_in_their_order_and_the_newest_counts(index: str) -> None:
    clicks = Clicks(index)
    assert clicks.all() == []
    given = [
        Click("red boat", "a", True, 1.0, "1"),
        Click("red boat", "a", False, 2.0, "2"),
        Click('=1+1 "quoted"\n', "ü/b", True, 3.0, "3"),
    ]
    for click in (given[1], given[0], given[2]):
        clicks.add(click)
    assert Clicks(index).all() == given
    assert Clicks(index).opinions() == given[1:]
    assert clicks.forget() == 3
    assert clicks.all() == []


def test_no_more_are_kept_than_fit(tmp_path: Path) -> None:
    clicks = Clicks(str(tmp_path / "index"), most=2)
    for _ in range(2):
        clicks.add(Click.now("boat", "a", good=True))
    with pytest.raises(StoreWriteError, match="2 clicks are kept, and no more fit"):
        clicks.add(Click.now("boat", "a", good=True))
    assert len(clicks.all()) == 2


def test_who_clicks_again_and_again_takes_the_room_of_one(tmp_path: Path) -> None:
    clicks = Clicks(str(tmp_path / "index"), most=130)
    clicks.add(Click("boat", "b", False, 0.0, "another"))
    for turn in range(250):
        clicks.add(Click("boat", "a", turn % 2 == 0, float(turn + 1), f"{turn:03}"))
    assert [(one.photo, one.id) for one in clicks.opinions()] == [("b", "another"), ("a", "249")]


@pytest.mark.parametrize("moment", ["write", "remove"])
def test_what_is_forgotten_does_not_come_back_by_a_joining(
    moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One gateway forgets amid the joining of another one, or the other way round."""
    one, other = Clicks(str(tmp_path / "index")), Clicks(str(tmp_path / "index"))
    for turn in range(101):
        one.add(Click("boat", f"{turn}", True, float(turn), f"{turn}"))

    def add() -> None:
        other.add(Click("boat", "last", True, 200.0, "last"))

    works: list[Callable[[], object]] = [one.forget, add]
    begin, amid = works if moment == "remove" else works[::-1]
    does = getattr(FolderFiles, moment)

    def does_amid_others(place: FolderFiles, what: Any, *rest: Any) -> None:
        if moment == "remove" or what.endswith("-101.jsonl"):
            monkeypatch.undo()
            amid()
        does(place, what, *rest)

    monkeypatch.setattr(FolderFiles, moment, does_amid_others)
    begin()
    assert {click.id for click in one.all()} <= {"last"}


def test_many_clicks_become_few_files_and_none_is_lost(tmp_path: Path) -> None:
    """Four gateways at once, while somebody reads."""
    index = str(tmp_path / "index")
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            clicks = Clicks(index)
            for turn in range(80):
                clicks.add(Click(f"{number}", f"{turn}", True, float(turn), f"{number}-{turn}"))
                if turn % 40 == 39:
                    assert len(clicks.all()) >= turn
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    found = Clicks(index).all()
    assert len(found) == len({click.id for click in found}) == 320
    assert len(list(run_state(index).entries("clicks/"))) < 140


def test_whoever_died_between_leaves_no_click_twice(tmp_path: Path) -> None:
    """The joined file is there, and those that it stands for are there still."""
    index = str(tmp_path / "index")
    clicks = Clicks(index)
    clicks.add(Click("boat", "a", True, 1.0, "1"))
    place = run_state(index)
    [entry] = place.entries("clicks/")
    place.write(entry.name.replace("-1.jsonl", "f-1.jsonl"), place.read(entry.name) or b"")
    assert len(list(place.entries("clicks/"))) == 2
    assert len(clicks.all()) == 1


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    index = str(tmp_path / "index")
    open_files(index).prepare()
    run_state(index).write("clicks/0-0-1.jsonl", b"{half")
    with pytest.raises(DamagedStoreError, match=r"clicks/0-0-1.jsonl is damaged"):
        Clicks(index).all()
