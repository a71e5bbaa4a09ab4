"""Environments in which a new process sees other systems than the one of the tests."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIKE_WINDOWS = Path(__file__).parent / "like_windows"


def like_windows() -> dict[str, str]:
    """What to add to an environment: Python begins there with what `like_windows` takes from it."""
    return {
        "PYTHONPATH": os.pathsep.join([str(LIKE_WINDOWS), str(ROOT)]),
        "PYTHONWARNDEFAULTENCODING": "1",
        "PYTHONIOENCODING": "cp1252",
    }
