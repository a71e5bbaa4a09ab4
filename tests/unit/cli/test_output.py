"""What people see on a terminal, and what programs get in a pipe."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from photoseek.cli.output import new_console, print_row
from photoseek.cli.present import print_hits, print_report
from photoseek.records import Hit, IndexReport, Photo, Skip, StoredPhoto

LONG = "/photos/" + "/".join(["a folder with a long name"] * 8) + "/red car.jpg"


def hit(rank: int, uri: str, caption: str = "", copies: int = 0) -> Hit:
    stored = StoredPhoto(Photo(f"id{rank}", uri, "1", caption=caption), "0" * 32, 640, 480)
    return Hit(rank, 0.25, stored, duplicates=(stored,) * copies)


def report(*skipped: Skip) -> IndexReport:
    return IndexReport(indexed=1200, updated=0, unchanged=0, skipped=skipped, seconds=1.5)


def pipe(monkeypatch: pytest.MonkeyPatch) -> tuple[Console, io.StringIO]:
    """Where a task prints that is started with `| cat` from a narrow terminal."""
    output = io.StringIO()
    monkeypatch.setenv("COLUMNS", "30")
    console = new_console()
    console.file = output
    assert not console.is_terminal
    return console, output


def terminal(width: int) -> tuple[Console, io.StringIO]:
    output = io.StringIO()
    return Console(file=output, force_terminal=True, width=width, color_system=None), output


def test_a_hit_is_one_line_whatever_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    console, output = pipe(monkeypatch)
    caption = "A red car,\tat\r\nnight\u2028[bold] :car: \x1b[31m"
    print_hits([hit(1, LONG, caption * 9), hit(2, "https://a.example/b?c", "")], "car", console)
    first, second, end = output.getvalue().split("\n")
    assert first.split("\t")[:4] == ["1", "0.250", LONG, "id1"]
    assert first.split("\t")[4].startswith("A red car, at night [bold] :car:  [31mA red")
    assert "\x1b" not in first
    assert second.split("\t") == ["2", "0.250", "https://a.example/b?c", "id2", ""]
    assert end == ""


def test_no_hits_are_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    console, output = pipe(monkeypatch)
    print_hits([], "car", console)
    assert output.getvalue() == ""


def test_without_a_query_no_score_is_shown() -> None:
    for has_scores in (True, False):
        console, output = terminal(80)
        print_hits([hit(1, "/photos/a.jpg", "A car")], "", console, has_scores=has_scores)
        assert ("score" in output.getvalue(), "0.250" in output.getvalue()) == (has_scores,) * 2


def test_without_a_query_the_cell_of_the_score_is_empty_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    console, output = pipe(monkeypatch)
    print_hits([hit(1, LONG, "A car")], "", console, has_scores=False)
    assert output.getvalue() == f"1\t\t{LONG}\tid1\tA car\n"


def test_what_was_left_out_is_a_line_each_with_its_whole_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    console, output = pipe(monkeypatch)
    here = str(Path.cwd() / "below" / "a: b.jpg")
    reason = "It is damaged: it breaks off, and that is told in more than thirty letters."
    print_report(report(*(Skip(here, reason) for _ in range(25))), console)
    first, *others = output.getvalue().splitlines()
    assert first == "1,200 indexed, 25 skipped in 1.5 s, 800 photos/s"
    assert others == [f"{here}\t{reason}"] * 25


def test_a_sentence_is_not_wrapped_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    console, output = pipe(monkeypatch)
    console.print("word " * 50)
    assert output.getvalue().count("\n") == 1


@pytest.mark.parametrize("copies", [0, 3])
@pytest.mark.parametrize("uri", [LONG, "/photos/" + "红色汽车" * 40 + "red car.jpg"])
def test_a_long_path_takes_one_line_of_a_terminal(uri: str, copies: int) -> None:
    console, output = terminal(80)
    print_hits([hit(1, uri, "A red car", copies)], "car", console)
    title, _, caption, place, *more = (line.rstrip() for line in output.getvalue().splitlines())
    assert title == "car"
    assert "A red car" in caption
    assert "…" in place
    assert place.endswith("red car.jpg  and 3 more like it" if copies else "red car.jpg")
    assert not [line for line in more if line]


def test_a_short_path_is_whole_on_a_terminal() -> None:
    console, output = terminal(80)
    print_hits([hit(1, str(Path.cwd() / "red car.jpg"))], "car", console)
    [row] = [line for line in output.getvalue().splitlines() if "id1" in line]
    assert row.split() == ["1", "0.250", "red", "car.jpg", "id1"]
    assert "…" not in output.getvalue()


def test_an_id_stands_beside_its_photo_on_a_wide_terminal() -> None:
    console, output = terminal(200)
    print_hits([hit(1, "/photos/a.jpg", "A car"), hit(2, "/photos/red car.jpg")], "", console)
    rows = [line.rstrip() for line in output.getvalue().splitlines() if "id" in line]
    assert [row.index("id") for row in rows] == [rows[0].index("id")] * 3
    assert max(map(len, rows)) < 60


def test_what_was_left_out_breaks_between_words_on_a_terminal() -> None:
    console, output = terminal(50)
    reason = "JPEG picture is damaged, cut short or of a rare kind."
    told = report(Skip("/photos/red car.jpg", reason), Skip(LONG.replace(" ", "_"), "It is empty."))
    print_report(told, console)
    _, *lines = output.getvalue().splitlines()
    assert lines == [
        "  /photos/red car.jpg: JPEG picture is damaged,",
        "    cut short or of a rare kind.",
        f"  {LONG.replace(' ', '_')}:",
        "    It is empty.",
    ]


@pytest.mark.parametrize(("encoding", "spinner"), [("utf-8", "dots"), ("cp1252", "line")])
def test_who_waits_sees_what_the_console_can_show(
    encoding: str, spinner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding))
    assert new_console().status("Loading").renderable.name == spinner


def test_a_long_path_is_cut_with_what_the_console_can_show() -> None:
    output = io.TextIOWrapper(io.BytesIO(), "cp1252")
    console = Console(file=output, force_terminal=True, width=80, color_system=None)
    print_hits([hit(1, LONG)], "", console)
    output.seek(0)
    [place] = [line for line in output.read().splitlines() if "red car.jpg" in line]
    assert "..." in place
    assert place.split("red car.jpg")[0].count("/") >= 1


@pytest.mark.parametrize("uri", ["/photos/a b.jpg", "C:\\Bilder\\a.jpg", "s3://bucket/a.jpg"])
def test_a_place_of_another_machine_is_shown_as_it_is(uri: str) -> None:
    console, output = terminal(80)
    print_hits([hit(1, uri)], "", console)
    assert uri in output.getvalue()


def test_a_row_keeps_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    console, output = pipe(monkeypatch)
    print_row(console, 1, "a\tb\nc", "")
    assert output.getvalue() == "1\ta b c\t\n"
