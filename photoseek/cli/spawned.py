"""A child that is a new process: where a process cannot fork, as on Windows."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from multiprocessing.connection import Connection

from photoseek.cli.child import Attempt, Ended, Work, leave, status_of

LOOK_EVERY = 0.5
"""Seconds between two looks whether this process was told to stop: Windows does not say so to one
that waits."""

PATIENCE = 10.0
"""Seconds that a child has to end after Ctrl-C, which reaches it as well."""

_STATUSES = (0, 1, 2, 128 + signal.SIGINT, 128 + signal.SIGTERM)
"""What a task ends with. All else is how a system says that it killed a process."""


def run_spawned(work: Work, died: int | None) -> Ended:
    """Work in a new process until it ends. `work` can be pickled.

    It costs the start of a Python, and what the task imports is imported there alone.
    """
    processes = multiprocessing.get_context("spawn")
    told, tells = processes.Pipe(duplex=False)
    child = processes.Process(target=_begin, args=(work, died, tells))
    child.start()
    tells.close()
    try:
        while child.is_alive():
            child.join(LOOK_EVERY)
        stopped = False
    except KeyboardInterrupt:
        child.join(PATIENCE)
        stopped = True
    finally:
        child.terminate()  # where it has not ended: what is stored is stored whole
        child.join()
    code = 128 + signal.SIGINT if stopped else child.exitcode or 0
    return Ended(child.pid or 0, code, _cause(code), _said(told))


def _begin(work: Work, died: int | None, tells: Connection) -> None:
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    leave(status_of(work, Attempt(died, tells.send_bytes)))


def _said(told: Connection) -> bytes:
    said = b""
    with told, suppress(EOFError):  # there is no more of one that has ended
        while True:
            said += told.recv_bytes()
    return said


def _cause(code: int) -> str:
    """What a process died of that ended with this code; "" where it ended by itself."""
    if code in _STATUSES:
        return ""
    return signal.Signals(-code).name if code < 0 else f"exit code {code:#x}"


def _stop_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
