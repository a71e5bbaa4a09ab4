"""Takes from photoseek on Linux what it has not on Windows, before anything else is imported.

For processes that have this folder on their PYTHONPATH, and their children. Modules are hidden from
everybody, and functions from photoseek alone: Python and its libraries take themselves to be on
Linux all the same. Windows' own half, such as its locks, is not here.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from tests.support.like_windows.lacking import MODULES, OF_OS, OF_SIGNAL

IN_USE = 32
"""What Windows calls it when a file is open."""

NEVER_IN_NAMES = set('<>:"|?*')
DEVICES = {"CON", "PRN", "AUX", "NUL"}


class InUseError(PermissionError):
    """What Windows raises, with its own number for it."""

    winerror = IN_USE


class _Lacking(ModuleType):
    """A module that lacks some of its names for photoseek."""

    lacks: ClassVar[frozenset[str]]

    def __getattribute__(self, name: str) -> Any:
        if name in type(self).lacks and _is_asked_by_us():
            raise AttributeError(f"On Windows there is no {name}")
        found = super().__getattribute__(name)
        return set() if name.startswith("supports_") and _is_asked_by_us() else found


class _Os(_Lacking):
    lacks = frozenset(OF_OS)


class _Signal(_Lacking):
    lacks = frozenset(OF_SIGNAL)


def _is_asked_by_us() -> bool:
    return str(sys._getframe(2).f_globals.get("__name__", "")).startswith("photoseek")


def _refuse_what_is_open(name: str) -> None:
    """Let a function of `os` refuse to move or remove what this process has open."""
    act: Callable[..., Any] = getattr(os, name)

    def careful(*arguments: Any, **named: Any) -> Any:
        if not _is_asked_by("filelock"):  # which has a way of its own there
            for path in arguments[: 2 if name in ("rename", "replace") else 1]:
                if os.path.realpath(path) in _open_files():
                    raise InUseError(13, "It is being used by another process", os.fspath(path))
        return act(*arguments, **named)

    setattr(os, name, careful)


def _is_asked_by(package: str) -> bool:
    frame = sys._getframe(2)
    for _ in range(4):
        if str(frame.f_globals.get("__name__", "")).startswith(package):
            return True
        if frame.f_back is None:
            return False
        frame = frame.f_back
    return False


def _open_files() -> set[str]:
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            found.add(str(link.readlink()))
    return found


def _refuse_names(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse new files and folders with names that Windows does not have."""
    if event == "open":
        path, _, flags = arguments
        if not isinstance(path, str | bytes | os.PathLike) or not flags & os.O_CREAT:
            return
    elif event == "os.mkdir":
        path = arguments[0]
    else:
        return
    name = Path(os.fsdecode(path)).name
    is_device = name.partition(".")[0].upper() in DEVICES
    if is_device or NEVER_IN_NAMES & set(name) or name.endswith((" ", ".")):
        raise OSError(22, "Windows has no such name", name)


def _no_handlers(*_: object, **__: object) -> None:
    raise NotImplementedError


def become_like_windows() -> None:
    """Do all of it."""
    sys.modules.update(dict.fromkeys(MODULES))  # type: ignore[arg-type]
    os.__class__, signal.__class__ = _Os, _Signal
    for name in ("add_signal_handler", "remove_signal_handler"):
        setattr(asyncio.SelectorEventLoop, name, _no_handlers)
    for name in ("remove", "rename", "replace", "unlink"):
        _refuse_what_is_open(name)
    sys.addaudithook(_refuse_names)
    if sys.flags.warn_default_encoding:
        warnings.filterwarnings("error", category=EncodingWarning, module=r"photoseek(\.|$)")


become_like_windows()
