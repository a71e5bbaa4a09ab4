"""`photoseek copy`: what people and scripts see of it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from photoseek import PhotoSearch
from photoseek.store import open_store
from tests.support.stored_photos import MODEL, encoded
from tests.support.terminal import OnTerminal, photoseek

MANY = 3_000


@pytest.fixture
def index(tmp_path: Path) -> Path:
    open_store(tmp_path / "index", MODEL).upsert([encoded(number) for number in range(30)])
    return tmp_path / "index"


def test_an_index_is_copied_and_the_copy_is_brought_up_to_date(index: Path, tmp_path: Path) -> None:
    options = ["copy", "--from", str(index), "--to", str(tmp_path / "copy")]
    first = photoseek(*options)
    assert first.returncode == 0, first.stderr
    assert "30 copied in" in first.stdout
    assert "photos/s" in first.stdout
    assert "has the same 30 photos" in first.stdout
    open_store(index).delete(["p00003"])
    again = photoseek(*options, "--json")
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert report["is_verified"]
    assert (report["copied"], report["unchanged"], report["removed"]) == (0, 29, 1)
    assert (report["source"], report["target"]) == (str(index), str(tmp_path / "copy"))


def test_the_index_is_the_one_of_the_settings_where_none_is_named(
    index: Path, tmp_path: Path
) -> None:
    run = photoseek("-t", "copy", "--index", str(index), "--to", str(tmp_path / "copy"))
    assert run.returncode == 0, run.stderr
    assert open_store(tmp_path / "copy").count() == 30


def test_a_program_copies_an_index(index: Path, tmp_path: Path) -> None:
    with PhotoSearch.open(index) as photos:
        report = photos.copy_to(tmp_path / "copy")
    assert (report.copied, report.photos, report.is_verified) == (30, 30, True)


@pytest.mark.parametrize(
    ("options", "says", "code"),
    [
        (["--from", "{index}"], "say where to: --from data/index --to PLACE", 2),
        (["--from", "{index}", "--to", "{index}"], "cannot be copied to itself", 1),
        (["--from", "{index}", "--to", "{index}/in"], "lie one in the other", 1),
        (["--from", "nowhere", "--to", "copy"], "There is no index at", 1),
        (["--from", "{index}", "--to", "milvusish:copy"], "A store for milvusish: may come", 1),
        (["--from", "{index}", "--to", "copy", "--gateway", "http://x"], "--gateway belongs", 2),
    ],
)
def test_what_makes_no_sense_is_a_sentence(
    index: Path, options: list[str], says: str, code: int
) -> None:
    run = photoseek("copy", *(each.format(index=index) for each in options))
    assert run.returncode == code
    assert says in run.stderr
    assert "Traceback" not in run.stderr


def test_a_copy_that_is_stopped_says_what_is_kept_and_goes_on(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index", MODEL)
    photos = [encoded(number) for number in range(MANY)]
    store.upsert([*(replace(each, keep="none") for each in photos[:-1]), photos[-1]])
    [thumbnail] = (tmp_path / "index" / "thumbnails").rglob("*.*")
    held = thumbnail.rename(tmp_path / "held")
    os.mkfifo(thumbnail)  # who reads it waits until the test lets go
    options = ["copy", "--from", str(tmp_path / "index"), "--to", str(tmp_path / "copy")]
    terminal = OnTerminal(*options)
    with thumbnail.open("wb"):  # the copy has come to it
        terminal.wait_for(rf"Copying .* [1-9]\d*/{MANY} .*photos/s")
        terminal.press_ctrl_c()
        terminal.wait_for(r"\^C")
    assert terminal.end() == 130
    held.replace(thumbnail)
    kept = terminal.wait_for(rf"Stopped\. ([\d,]+) of {MANY:,} photos are in")
    assert "Traceback" not in terminal.shown
    there = open_store(tmp_path / "copy").count()
    assert 0 < int(kept[1].replace(",", "")) <= there < MANY
    again = photoseek(*options, "--json")
    report = json.loads(again.stdout)
    assert (report["copied"], report["unchanged"]) == (MANY - there, there)
    assert report["is_verified"]
