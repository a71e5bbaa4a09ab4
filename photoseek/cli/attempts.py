"""A task in a process of its own, which is started again when a photo has killed it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from photoseek.errors import ServiceError

MOST_DEATHS = 2
"""Processes that die one after the other without a photo being found out."""

_TOLD_TO_STOP = {signal.SIGINT, signal.SIGTERM}
_FOUND = b"f"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One process that works on a task. `died` is the id of the one before it, where it died."""

    died: int | None = None
    tells: int | None = None

    def found(self) -> None:
        """Say that the photo which the process before died of is known."""
        if self.tells is not None:
            os.write(self.tells, _FOUND)


def in_attempts(work: Callable[[Attempt], int], say: Callable[[str], None]) -> int:
    """Work in a child process, and in another one for as long as they die; the last one's status.

    A child costs some milliseconds, as this process has not imported much yet and starts no
    threads. It ends without waiting for threads of its own: one may wait for a slow photo.

    Raises:
        ServiceError: they died again and again, and it is no photo's fault.
    """
    died, deaths = None, 0
    while True:
        sys.stdout.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, {*_TOLD_TO_STOP, signal.SIGCHLD})
        told, tells = os.pipe()
        alive, lives = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(told)
            os.close(lives)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {*_TOLD_TO_STOP, signal.SIGCHLD})
            threading.Thread(target=_stop_with_parent, args=(alive,), daemon=True).start()
            leave(_status(work, Attempt(died, tells)))
        os.close(tells)
        os.close(alive)
        status = _ended(pid)
        os.close(lives)
        has_found = os.read(told, 1) == _FOUND
        os.close(told)
        if not os.WIFSIGNALED(status):
            return os.waitstatus_to_exitcode(status)
        number = signal.Signals(os.WTERMSIG(status))
        if number in _TOLD_TO_STOP:
            return 128 + number
        died, deaths = pid, 1 if has_found else deaths + 1
        if deaths > MOST_DEATHS:
            raise ServiceError(
                f"The process that indexes died {deaths} times, of {number.name} at last, and no "
                "photo was found that it dies of. It may need more memory than there is: a "
                "smaller --batch-size needs less."
            )
        say(
            f"The process that indexes died ({number.name}). Looking for the photo that it died of."
        )


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


def _status(work: Callable[[Attempt], int], attempt: Attempt) -> int:
    """What a child ends with."""
    try:
        code = work(attempt)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    return code


def _ended(pid: int) -> int:
    """The status of a child when it has ended; what tells this process to stop is told to it."""
    while True:
        number, is_own = _next_signal()
        if number in _TOLD_TO_STOP and is_own:
            os.kill(pid, number)
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status


def _next_signal() -> tuple[int, bool]:
    """The next signal, and whether the child has not been sent it as well.

    Ctrl-C on a terminal reaches both; `kill` reaches this process alone.
    """
    expected = {*_TOLD_TO_STOP, signal.SIGCHLD}
    if hasattr(signal, "sigwaitinfo"):
        info = signal.sigwaitinfo(expected)
        return info.si_signo, info.si_code <= 0
    number = signal.sigwait(expected)  # macOS does not tell where a signal comes from
    return number, number == signal.SIGTERM or not os.isatty(0)


def _stop_with_parent(alive: int) -> None:
    os.read(alive, 1)  # gives nothing, when the parent has ended, however that was
    os.kill(os.getpid(), signal.SIGTERM)
