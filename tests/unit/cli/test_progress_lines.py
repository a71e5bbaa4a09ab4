"""How far a task is, for whoever reads a log."""

from __future__ import annotations

import re

import pytest

from photoseek.cli.output import new_console
from photoseek.cli.progress import photo_bar


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
        r"Drawing: 1 of 1,000,000, \d+(\.\d)? photos/s, .* left\n", capsys.readouterr().err
    )


def test_short_work_writes_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    with photo_bar("Indexing", 2, new_console()) as show:
        show(1)
        show(2)
    assert capsys.readouterr().err == ""
