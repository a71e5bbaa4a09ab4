"""What is said where a task finds no index."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.cli.main import main
from photoseek.store import open_store
from tests.support.stored_photos import MODEL, encoded

DEMO = "For the demo's index, which is here, add --index data/demo/index."


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHOTOSEEK_HTTP_PORT", "1")


@pytest.fixture
def demo() -> None:
    open_store("data/demo/index", MODEL).upsert([encoded(1)])


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 1
    return capsys.readouterr().err


TASKS = [["search", "car"], ["status"], ["export"], ["delete", "x"], ["copy", "--to", "there"]]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("arguments", TASKS, ids=" ".join)
def test_the_index_of_the_demo_is_named(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert f"There is no index at data/index yet. {DEMO} Make one" in told(capsys, *arguments)


@pytest.mark.usefixtures("demo")
def test_whoever_names_an_index_means_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert DEMO not in told(capsys, "status", "--index", "elsewhere")


def test_where_there_is_no_demo_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "status")
    assert "There is no index at data/index yet. Make one with" in said
    assert DEMO not in said
