"""How far a task is, for whoever reads a log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typing_extensions import override

from photoseek.cli.output import new_console
from photoseek.cli.progress import photo_bar
from photoseek.cli.quiet import Quiet
from photoseek.cli.runs import SoFar, indexing_bar
from photoseek.indexing.run_tally import IndexProgress
from photoseek.sources.folder import FolderSource
from tests.support.waiting import wait_until


def test_without_a_terminal_it_is_told_in_lines_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with photo_bar("Indexing", 6_000, new_console(), line_seconds=0) as show:
        show(0)
        show(1_200, remark="3 skipped", speed=10)
        show(5_970, speed=0.5)
        show(5_970, speed=100)
        show(6_000, speed=0)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "Indexing: 0 of 6,000",
        "Indexing: 1,200 of 6,000, 10 photos/s, 8 min left, 3 skipped",
        "Indexing: 5,970 of 6,000, 0.5 photos/s, 1 min left",
        "Indexing: 5,970 of 6,000, 100 photos/s, less than a minute left",
        "Indexing: 6,000 of 6,000",
    ]


def test_a_speed_that_is_not_given_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with photo_bar("Drawing", 1_000_000, new_console(), line_seconds=0) as show:
        show(1)
    assert re.fullmatch(
        r"Drawing: 1 of 1,000,000, [\d,]+(\.\d)? photos/s, .* left\n", capsys.readouterr().err
    )


def test_short_work_writes_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    with photo_bar("Indexing", 2, new_console()) as show:
        show(1)
        show(2)
    assert capsys.readouterr().err == ""


def test_a_total_may_come_later(capsys: pytest.CaptureFixture[str]) -> None:
    with photo_bar("Indexing", None, new_console(), line_seconds=0) as show:
        show(100, speed=10)
        show(200, speed=10, total=1_400)
        show(300, speed=10)
    assert capsys.readouterr().err.splitlines() == [
        "Indexing: 100, 10 photos/s",
        "Indexing: 200 of 1,400, 10 photos/s, 2 min left",
        "Indexing: 300 of 1,400, 10 photos/s, 2 min left",
    ]


class _Counted(FolderSource):
    @override
    def count(self) -> int:
        self.notes.remark("counted")
        return super().count()


def test_a_source_is_counted_once_there_are_photos_to_encode(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    source = _Counted.open(tmp_path)
    with indexing_bar(source, None, new_console(), SoFar()) as move:
        move(IndexProgress(indexed=0, updated=0, unchanged=1, skipped=0))
    assert not source.notes.remarks(), "a run with nothing new lists its source once"
    with indexing_bar(source, None, new_console(), SoFar()) as move:
        move(IndexProgress(indexed=0, updated=0, unchanged=0, skipped=0))
        wait_until(lambda: source.notes.remarks() == ("counted",), "a batch is under way")
        move(IndexProgress(indexed=1, updated=0, unchanged=0, skipped=0))
    assert source.notes.remarks() == ("counted",)


def test_that_no_photo_is_done_for_a_while_is_told_with_the_index(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said: list[str] = []

    def is_said() -> bool:
        said.append(capsys.readouterr().err)
        return "No photo was done for" in "".join(said)

    with photo_bar("Encoding", 2, new_console(), index="s3://b/i", quiet_seconds=0.05) as show:
        show(1)
        wait_until(is_said, "it is told")
    assert "s3://b/i, or a place that photos are read from, does not answer" in "".join(said)


def test_it_is_told_again_after_a_photo_came_and_not_while_they_come() -> None:
    told: list[float] = []
    with Quiet(told.append, seconds=0.05, again=600) as quiet:
        wait_until(lambda: len(told) == 1, "it is told")
        quiet.moved()
        wait_until(lambda: len(told) == 2, "it is told once more")
    with Quiet(told.append, seconds=600):
        pass
    assert len(told) == 2
    assert min(told) >= 0.05
