"""Where people have their photos on this machine: their own folders, and what is plugged in."""

from __future__ import annotations

import os
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HOME, _DRIVE, _ALL, _SHORTCUT = range(4)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder and what people call it. The way to what lies in several begins at the first."""

    name: str
    path: str
    order: int = 0

    @property
    def is_drive(self) -> bool:
        """Whether it may be taken out, or not answer."""
        return self.order == _DRIVE

    @property
    def start(self) -> Path:
        """Where the way to what lies in it begins: without links, but for a drive."""
        return Path(self.path if self.is_drive else os.path.realpath(self.path))


def this_computer() -> list[Place]:
    """Pictures, the home folder and two of its folders, drives, and all of the machine.

    None is looked at, as a network disk that is gone does not answer: some may not be there.
    """
    home = _home()
    found = [*_own_folders(home), *_drives()] if home else [*_drives()]
    if os.name == "posix":
        found.append(Place("This computer", "/", _ALL))
    first = {place.path: place for place in reversed(found)}
    return [each for each in found if first[each.path] is each]


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # a user without one
        return None


def _own_folders(home: Path) -> Iterator[Place]:
    yield Place("Pictures", str(_named(home, "PICTURES") or home / "Pictures"), _SHORTCUT)
    yield Place("Home", str(home), _HOME)
    yield Place("Desktop", str(_named(home, "DESKTOP") or home / "Desktop"), _SHORTCUT)
    yield Place("Downloads", str(_named(home, "DOWNLOAD") or home / "Downloads"), _SHORTCUT)


def _named(home: Path, name: str) -> Path | None:
    """What Linux desktops call that folder, in the user's language."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    try:
        lines = (config / "user-dirs.dirs").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        key, _, value = line.strip().partition("=")
        if key == f"XDG_{name}_DIR":
            folder = Path(value.strip('"').replace("$HOME", str(home)))
            return folder if folder.is_absolute() and folder != home else None
    return None


def _drives() -> Iterator[Place]:
    """Disks, sticks and cards, each by the name that the system shows."""
    if os.name == "nt":
        for letter in string.ascii_uppercase[2:]:  # A and B were for floppy disks
            yield Place(f"{letter}:", f"{letter}:\\", _DRIVE)
        return
    user = Path(os.environ.get("USER") or "").name
    shared = [Path("/Volumes"), Path("/mnt"), Path("/media")]
    own = [base / user for base in (Path("/media"), Path("/run/media")) if user]
    for base in (*own, *shared):
        yield from (Place(name, str(base / name), _DRIVE) for name in _mounted(base, user))


def _mounted(base: Path, user: str) -> list[str]:
    """What is mounted below a folder; links to the system itself are none."""
    try:
        with os.scandir(base) as entries:
            found = [
                entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and entry.name != user
            ]
    except OSError:
        return []
    return sorted(name for name in found if not name.startswith("."))
