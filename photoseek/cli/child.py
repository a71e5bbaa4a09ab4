"""A process that works on a task for another one, and what that one learns of it."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

FOUND, READ = b"f", b"r"
"""What a child says to the process that started it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One process that works on a task. `died` is the id of the one before it, where it died."""

    died: int | None = None
    tell: Callable[[bytes], object] | None = None

    def found(self) -> None:
        """Say that the photo which the process before died of is known."""
        if self.tell is not None:
            self.tell(FOUND)

    def has_read_all(self) -> None:
        """Say that all photos are read, so that from now on none is to blame for a death."""
        if self.tell is not None:
            self.tell(READ)


Work: TypeAlias = Callable[[Attempt], int]
"""A task. It gives the exit status."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: with the exit status `code`, or, where it was killed, of what it `died`.

    `said` is all that it had said until then.
    """

    pid: int
    code: int
    died: str
    said: bytes

    @property
    def found(self) -> bool:
        """Whether it knew the photo which the child before it died of."""
        return FOUND in self.said

    @property
    def had_read_all(self) -> bool:
        """Whether it had read all photos."""
        return READ in self.said


def leave(code: int) -> NoReturn:
    """End this process at once, when all that it has said is written out.

    Threads that wait for something are left, and the libraries that are loaded are not taken down
    one by one, which takes half a second.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError):
                stream.flush()
    os._exit(code)


def status_of(work: Work, attempt: Attempt) -> int:
    """What a child ends with."""
    try:
        code = work(attempt)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    return code
