from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.files.atomic import patiently, replacing
from photoseek.helpers.retry import Pauses


def test_a_file_is_replaced_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("old")
    with replacing(path) as part:
        part.write_text("half")
        assert path.read_text() == "old"
        part.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("old")

    def break_off() -> None:
        with replacing(path, part=tmp_path / "mine.part") as part:
            part.write_text("half")
            raise error

    with pytest.raises(error):
        break_off()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_part_that_was_never_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "list.csv"):
        pass


class InUseError(PermissionError):
    """What Windows raises where a file is open elsewhere."""

    winerror = 32


AT_ONCE = Pauses(first=0)


def test_what_is_in_use_for_a_moment_is_waited_for() -> None:
    refusals = [InUseError("open elsewhere")] * 3

    def act() -> str:
        if refusals:
            raise refusals.pop()
        return "done"

    assert patiently(act, AT_ONCE) == "done"
    assert not refusals


@pytest.mark.parametrize(
    ("error", "times"),
    [
        (InUseError("for ever"), 8),
        (PermissionError(13, "no"), 1),
        (FileNotFoundError(2, "gone"), 1),
    ],
)
def test_what_stays_as_it_is_is_told(error: OSError, times: int) -> None:
    asked: list[int] = []

    def act() -> None:
        asked.append(1)
        raise error

    with pytest.raises(type(error)):
        patiently(act, AT_ONCE)
    assert len(asked) == times


def test_a_file_that_stays_open_elsewhere_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("old")

    def refuse(*_: object) -> None:
        raise InUseError(13, "open elsewhere", str(path))

    monkeypatch.setattr("os.replace", refuse)
    monkeypatch.setattr("photoseek.helpers.retry.time.sleep", lambda _: None)
    with pytest.raises(InUseError), replacing(path) as part:
        part.write_text("new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
