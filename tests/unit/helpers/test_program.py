"""How sentences name the command that runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from photoseek.helpers.program import command


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("app.py", "python app.py -t index"),
        ("/src/photoseek/app.py", "python app.py -t index"),
        ("/lib/photoseek/__main__.py", "python -m photoseek index"),
        ("/lib/photoseek/flow/__main__.py", "photoseek index"),
        ("/lib/pytest/__main__.py", "photoseek index"),
        ("", "photoseek index"),
    ],
)
def test_a_command_is_named_as_this_program_was_called(
    monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    monkeypatch.setattr(sys, "argv", [script])
    assert command("index") == said


def test_a_command_that_is_not_on_the_path_is_named_with_its_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [str(tmp_path / ".venv" / "bin" / "photoseek")])
    assert command("index") == f"{Path('.venv/bin/photoseek')} index"
    here = tmp_path / "photoseek"
    here.touch()
    here.chmod(0o755)
    assert command("index") == "photoseek index"
