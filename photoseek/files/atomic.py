"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

from photoseek.helpers.retry import Attempts, Pauses

T = TypeVar("T")

IN_USE = (5, 32, 33)
"""What Windows calls it (WinError) when a file is open elsewhere: access denied, shared, locked."""

ATTEMPTS = 8
PAUSES = Pauses(first=0.01, longest=0.2)
"""Together 0.7 s: as long as a virus scanner or another reader has a small file open."""


def patiently(act: Callable[[], T], pauses: Pauses = PAUSES) -> T:
    """What `act` gives, tried again for a moment where Windows says that a file is in use.

    There nobody replaces, removes or opens a file that somebody else has open in another way.
    """
    attempts = Attempts(ATTEMPTS, pauses)
    while True:
        try:
            return act()
        except PermissionError as error:
            if getattr(error, "winerror", None) not in IN_USE:
                raise
            attempts.failed(error)


@contextmanager
def replacing(path: Path, *, part: Path | None = None) -> Iterator[Path]:
    """A path to write to inside; at the end its file takes the place of the one at `path`.

    It is `part`, by default a hidden file beside it, and is removed when anything is raised inside.
    A reader sees the old file or the new one. Several writers at a time need parts of their own.
    """
    part = part or path.with_name(f".{path.name}.part")
    try:
        yield part
        patiently(lambda: part.replace(path))
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def keep(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Keep in a file what can be made again; several processes may do so at a time.

    Where nothing can be written, nothing is kept.
    """
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        with replacing(path, part=part), part.open("wb") as file:
            write(file)
