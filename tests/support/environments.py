"""Virtual environments of other Pythons, for tests of what is installed into them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

OLDEST, NEWEST = "3.11", "3.13"
"""The Pythons that photoseek is said to run on."""

UV = [sys.executable, "-m", "uv"]


def interpreter(version: str) -> Path | None:
    """A Python of this version on the PATH or of pyenv, which is none of a virtual environment."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    on_path = shutil.which(f"python{version}")
    paths = [*([Path(on_path)] if on_path else []), *pyenv.glob(f"versions/{version}.*/bin/python")]
    return next((path for path in paths if "shims" not in path.parts), None)


def new_environment(version: str, folder: Path) -> Path:
    """The programs of a new and empty environment; skips where there is no such Python."""
    python = interpreter(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed here")
    run([*UV, "venv", "-q", "--python", python, folder], cwd=folder.parent)
    return folder / "bin"


def run(command: Sequence[str | Path], cwd: Path) -> str:
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
    return result.stdout
