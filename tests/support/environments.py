"""Virtual environments of other Pythons, for tests of what is installed into them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from contextlib import suppress
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


def take_what_is_compiled(folder: Path) -> None:
    """Link what this Python has compiled into an environment of the same version.

    There the files of a package are the same ones; any other is compiled again.
    """
    ours = Path(sysconfig.get_path("purelib"))
    theirs = folder / ours.relative_to(sys.prefix)
    for package in theirs.iterdir():
        for compiled in (ours / package.name).rglob("__pycache__/*.pyc"):
            place = theirs / compiled.relative_to(ours)
            if place.parent.parent.is_dir():
                place.parent.mkdir(exist_ok=True)
                with suppress(OSError):  # elsewhere it is on another disk
                    place.hardlink_to(compiled)


def run(command: Sequence[str | Path], cwd: Path) -> str:
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
    return result.stdout
