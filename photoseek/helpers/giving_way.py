"""Threads that leave the processors to others of this machine that want them at once."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import AbstractContextManager, nullcontext, suppress

from photoseek.helpers.pausing import PAUSES

STEPS = 10
"""By how much their nice value is raised. Beside a thread as it was, one of these gets a tenth of a
processor and not less: it may hold Python's lock, or another one, that the other waits for."""

_LOWEST = 19

_this_thread = threading.local()


def give_way() -> None:
    """Let this thread, and those that it starts from now on, wait while others want to go on.

    What nobody else wants they get all of. It cannot be taken back. Only Linux knows of single
    threads in this way; elsewhere all of a process stay equal, and `pause_for_others` alone helps.
    """
    stay_behind()
    if sys.platform == "linux":
        thread = threading.get_native_id()
        nice = os.getpriority(os.PRIO_PROCESS, thread)
        with suppress(OSError):  # where that is forbidden, they stay equal as well
            os.setpriority(os.PRIO_PROCESS, thread, min(nice + STEPS, _LOWEST))


def stay_behind() -> None:
    """Note that this thread gives way, as the one that started it: it is as little urgent."""
    _this_thread.gives_way = True


def gives_way() -> bool:
    """Whether this thread does."""
    return getattr(_this_thread, "gives_way", False)


def pause_for_others() -> None:
    """Wait, between two steps, while somebody is to be answered, where this thread gives way."""
    if gives_way():
        PAUSES.pause()


def pausing_work() -> AbstractContextManager[None]:
    """A block of work that calls `pause_for_others`: it is known whether any of it goes on."""
    return PAUSES.work() if gives_way() else nullcontext()


def may_pause_soon() -> bool:
    """Whether this thread gives way, and somebody is likely to want that soon."""
    return gives_way() and PAUSES.expected
