"""`photoseek export`, within this process."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from photoseek.cli.main import main
from photoseek.store import open_store
from tests.support.stored_photos import MODEL, encoded


@pytest.fixture
def index(tmp_path: Path) -> str:
    location = f"memory:{tmp_path}"
    folders = ("Travel/Italy", "Travel", "Work")
    store = open_store(location, MODEL)
    store.upsert([encoded(n, folder=folder, licence="MIT") for n, folder in enumerate(folders)])
    return location


def test_a_file_is_written_and_the_next_step_told(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "some.csv"
    asked = ["export", "--index", index, "--to", str(place), "--filter", "folder = travel"]
    assert main(asked) == 0
    out = capsys.readouterr().out
    assert f"2 photos are in {place}" in out
    assert f"--source {place}" in out
    with place.open(encoding="utf-8-sig") as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["p00000", "p00001"]
    assert main([*asked, "--vectors", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["file"], told["photos"], told["vectors"]) == (str(place), 2, True)
    assert main([*asked, "--filter", "licence = GPL"]) == 0
    assert "No photo fits these filters." in capsys.readouterr().out


def test_standard_output_gets_the_table_alone(
    index: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--index", index]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [row["folder"] for row in rows] == ["Travel/Italy", "Travel", "Work"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "photos.xlsx"], "'photos.xlsx' is no file for a table"),
        (["--to", "s3://bucket/photos.csv"], "on this machine"),
        (["--vectors"], "--vectors and --json need a file"),
        (["--json"], "--vectors and --json need a file"),
        (["--gateway", "http://a:1"], "--gateway belongs to"),
    ],
)
def test_what_cannot_be_done_is_told(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["export", *arguments])
    assert said in capsys.readouterr().err


def test_there_must_be_an_index_and_a_filter_that_makes_sense(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--index", str(tmp_path / "nowhere")]) == 1
    assert "There is no index" in capsys.readouterr().err
    place = tmp_path / "a.csv"
    assert main(["export", "--index", index, "--to", str(place), "--filter", "licnse = MIT"]) == 1
    assert "Did you mean licence?" in capsys.readouterr().err
    assert not place.exists()
