"""A process that works on a task for another one, and what that one learns of it."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn, TypeAlias


@dataclass(frozen=True, slots=True)
class Attempt:
    """One process that works on a task. `died` is the id of the one before it, where it died."""

    died: int | None = None
    tell: Callable[[], object] | None = None

    def found(self) -> None:
        """Say that the photo which the process before died of is known."""
        if self.tell is not None:
            self.tell()


Work: TypeAlias = Callable[[Attempt], int]
"""A task. It gives the exit status."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: with the exit status `code`, or, where it was killed, of what it `died`.

    `found` says that it knew the photo which the child before it died of.
    """

    pid: int
    code: int
    died: str
    found: bool


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
