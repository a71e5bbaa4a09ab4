"""Where a program keeps what is its user's own, as each system has it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

OWN = "photoseek"
"""The name of our folder in each of them."""


def state_folder(system: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder for what runs must know next time: notes that others can do without.

    That is %LOCALAPPDATA% on Windows, "~/Library/Application Support" on macOS, and elsewhere
    $XDG_STATE_HOME or ~/.local/state. `system` is as `sys.platform` names it. Nothing is made.
    """
    named = environment.get("LOCALAPPDATA" if system == "win32" else "XDG_STATE_HOME")
    usual = {"win32": "~/AppData/Local", "darwin": "~/Library/Application Support"}
    return _own(named or usual.get(system, "~/.local/state"))


def cache_folder(system: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder for what can be made or fetched again.

    That is a folder of the one for notes on Windows, ~/Library/Caches on macOS, and elsewhere
    $XDG_CACHE_HOME or ~/.cache. Nothing is made.
    """
    if system == "win32":
        return state_folder(system, environment) / "cache"
    usual = "~/Library/Caches" if system == "darwin" else "~/.cache"
    return _own(environment.get("XDG_CACHE_HOME") or usual)


def _own(folder: str) -> Path:
    path = Path(folder)
    with suppress(RuntimeError):  # nobody's home
        path = path.expanduser()
    return path / OWN
