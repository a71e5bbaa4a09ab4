"""How whoever runs this program calls it, for sentences that name a command."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from photoseek.helpers.shell_words import quoted


def command(task: str) -> str:
    """The command of a task: `photoseek index`, or `python app.py -t index` where that runs."""
    return f"{program()} -t {task}" if _is_script("app.py") else f"{program()} {task}"


def program() -> str:
    """What comes before a task; a path where the command is not on the PATH."""
    if _is_script("app.py"):
        return "python app.py"
    if _is_script("photoseek", "__main__.py"):
        return "python -m photoseek"
    if _is_script("photoseek") and shutil.which("photoseek") is None:
        return quoted(_near(Path(sys.argv[0])))
    return "photoseek"


def _is_script(*last: str) -> bool:
    return Path(sys.argv[0]).parts[-len(last) :] == last


def _near(path: Path) -> str:
    """A path from here where it lies below, and else as it is."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
