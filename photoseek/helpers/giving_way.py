"""Threads that leave the processors to others of this machine that want them at once."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

STEPS = 10
"""By how much their nice value is raised. Beside a thread as it was, one of these gets a tenth of a
processor and not less: it may hold Python's lock, or another one, that the other waits for."""

_LOWEST = 19


def give_way() -> None:
    """Let this thread, and those that it starts from now on, wait while others want to go on.

    What nobody else wants they get all of. It cannot be taken back. Only Linux knows of single
    threads in this way; elsewhere all of a process stay equal.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        nice = os.getpriority(os.PRIO_PROCESS, thread)
        with suppress(OSError):  # where that is forbidden, they stay equal as well
            os.setpriority(os.PRIO_PROCESS, thread, min(nice + STEPS, _LOWEST))
