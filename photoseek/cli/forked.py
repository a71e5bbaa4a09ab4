"""A child by `fork`, with all that its parent has imported: on Linux and macOS."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from photoseek.cli.child import Attempt, Ended, Work, leave, status_of

_MOST_SAID = 64
_LOOK_SECONDS = 1.0
"""Between two looks at a child. A thread that a library has started may take the signal that tells
of its end.
"""

_SENT_BY_PROCESSES = (0, -1, -6)
"""The codes of signals that `kill` and its like send, on Linux: SI_USER, SI_QUEUE and SI_TKILL."""

_LANCE_LOOP = "LanceDBBackgroundEventLoop"
"""A thread that LanceDB starts when it is imported, and once more in a fork by itself. It rests for
as long as no other thread asks it for anything.
"""


def can_fork() -> bool:
    """Whether this system forks and lets a process wait for signals, and no other thread runs here.

    What a thread holds at that moment, a lock of a library or half a change of memory, stays so in
    the fork for good: a run waited there for ever, or died. Threads that Python does not know are
    not counted: OpenBLAS, which comes with numpy, ends its own before a fork.
    """
    needed = ((os, "fork"), (signal, "sigwait"), (signal, "SIGCHLD"))
    others = {thread.name for thread in threading.enumerate()} - {threading.current_thread().name}
    return all(hasattr(*each) for each in needed) and others <= {_LANCE_LOOP}


def run_forked(work: Work, died: int | None) -> Ended:
    """Work in a fork of this process, until it ends; what tells this process to stop, stops it.

    It costs some milliseconds, as this process has not imported much yet.
    """
    with _signals_wait():
        told, tells = os.pipe()
        alive, lives = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(told)
            os.close(lives)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _awaited())
            threading.Thread(target=_stop_with_parent, args=(alive,), daemon=True).start()
            leave(status_of(work, Attempt(died, partial(os.write, tells))))
        os.close(tells)
        os.close(alive)
        status = _ended(pid)
        os.close(lives)
        said = os.read(told, _MOST_SAID)
        os.close(told)
    if not os.WIFSIGNALED(status):
        return Ended(pid, os.waitstatus_to_exitcode(status), "", said)
    number = signal.Signals(os.WTERMSIG(status))
    was_told = number in (signal.SIGINT, signal.SIGTERM)
    return Ended(pid, 128 + number, "" if was_told else number.name, said)


def _awaited() -> set[signal.Signals]:
    """What a process hears of while it waits for its child."""
    return {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}


@contextmanager
def _signals_wait() -> Iterator[None]:
    """A block in which these signals are waited for, and interrupt nothing before its end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _awaited())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ended(pid: int) -> int:
    """The status of a child when it has ended; what tells this process to stop is told to it."""
    while True:
        number, is_own = _next_signal()
        if number not in (0, signal.SIGCHLD) and is_own:
            os.kill(pid, number)
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status


def _next_signal() -> tuple[int, bool]:
    """The next signal, and whether the child has not been sent it as well; 0 where none came.

    Ctrl-C on a terminal reaches both; `kill` reaches this process alone.
    """
    expected = _awaited()
    if hasattr(signal, "sigtimedwait"):
        info = signal.sigtimedwait(expected, _LOOK_SECONDS)
        # Python gives nonsense where this process was stopped (Ctrl-Z) and went on after that time.
        if info is None or info.si_signo not in expected:
            return 0, False
        return info.si_signo, info.si_code in _SENT_BY_PROCESSES
    number = signal.sigwait(expected)  # macOS does not tell where a signal comes from
    return number, number == signal.SIGTERM or not os.isatty(0)


def _stop_with_parent(alive: int) -> None:
    os.read(alive, 1)  # gives nothing, when the parent has ended, however that was
    os.kill(os.getpid(), signal.SIGTERM)
