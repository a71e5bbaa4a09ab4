"""Output for consoles and pipes that lack characters, as those of Windows and of containers do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.terminal import in_new_process, on_terminal, photoseek

CAPTION = "夜の猫 😀 € Überholspur"
NAME = "猫.jpg"
OF_A_COUNTRY = {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
PLAIN = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}


@pytest.fixture(scope="module")
def folder(drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("console")
    picture = min(drawings.parent.glob("*.jpg"))
    shutil.copy(picture, folder / NAME)
    (folder / "狗.jpg").write_bytes(picture.read_bytes()[:1000])
    rows = f"path,caption\n{NAME},{CAPTION}\n狗.jpg,\n"
    (folder / "photos.csv").write_text(rows, encoding="utf-8")
    return folder


def options(folder: Path) -> list[str | Path]:
    return ["--source", folder / "photos.csv", "--index", folder / "index", "--model", "demo"]


def test_a_run_shows_what_the_console_can_show(folder: Path) -> None:
    shown = "\n".join(on_terminal("-t", "index", *options(folder), environment=OF_A_COUNTRY))
    assert "1 indexed, 1 skipped" in shown
    assert r"\u72d7.jpg" in shown


def test_what_a_pipe_lacks_stands_there_by_its_number(folder: Path) -> None:
    again = photoseek("-t", "index", *options(folder), "--json", environment=PLAIN)
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert again.stdout.isascii()
    assert report["unchanged"] + report["indexed"] == 1
    asked: list[str | Path] = ["-t", "query", "猫", "--index", folder / "index"]
    rows = photoseek(*asked, environment=PLAIN)
    assert rows.returncode == 0, rows.stderr
    assert rows.stdout.rstrip().endswith(r"\u591c\u306e\u732b \U0001f600 \u20ac \xdcberholspur")
    hits = photoseek(*asked, "--json", environment=OF_A_COUNTRY)
    hit = json.loads(hits.stdout)
    assert hits.stdout.isascii()
    assert (hit["caption"], Path(hit["uri"])) == (CAPTION, folder / NAME)


def test_json_is_utf8_where_the_pipe_is(folder: Path) -> None:
    asked: list[str | Path] = ["-t", "query", "猫", "--index", folder / "index", "--json"]
    hits = photoseek(*asked, environment={"PYTHONIOENCODING": "utf-8"})
    assert CAPTION in hits.stdout


@pytest.mark.parametrize("environment", [PLAIN, OF_A_COUNTRY], ids=["ascii", "cp1252"])
def test_errors_and_help_are_told_anywhere(folder: Path, environment: dict[str, str]) -> None:
    failed = in_new_process(
        *("-t", "query", "--image", "猫だ.jpg", "--index", str(folder / "index")),
        environment=environment,
        encoding="cp1252",
    )
    assert failed.returncode == 1
    assert failed.stderr == (
        r"The picture \u732b\u3060.jpg cannot be read: No such file or directory." + "\n"
    )
    assert not failed.stdout
    for wrong in (["--help"], ["-t", "猫"]):
        told = in_new_process(*wrong, environment=environment, encoding="cp1252")
        assert told.returncode == (0 if "--help" in wrong else 2)
        assert "usage:" in told.stdout + told.stderr
        assert "Traceback" not in told.stderr
