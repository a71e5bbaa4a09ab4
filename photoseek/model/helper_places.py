"""Where the thread runs that helps another one to compute, on a machine of two processors.

Helpers sleep from one text to the next. For a thread that wakes up, Linux looks for an idle
processor, but not where processors were busy for more than half of the time: then it may choose
that of the thread which woke it. The helper waits there until that one is put aside, which waits
for the helper: 4 to 15 ms, where a whole text takes 20. So it is told where to run each time.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import torch

HELPED = 2
"""Threads that compute together, one of which is the helper. On a machine with more processors
Linux looks for idle ones for longer, and OpenMP ends helpers and makes others as it likes.
"""

_IS_SHARED = 1 << 17
"""Numbers that torch adds up in more than one thread."""


class HelperPlaces:
    """Sets in how many threads one thread computes, and keeps its helper off its own processor.

    Elsewhere than on Linux a helper runs where the system likes.
    """

    def __init__(self) -> None:
        self._helpers: list[int] | None = None  # by the system's numbers; None: none is made yet

    def compute_in(self, threads: int) -> None:
        """Have the thread that calls compute in `threads` threads: itself and its helpers."""
        torch.set_num_threads(threads)
        if sys.platform == "linux" and threads == HELPED:
            with suppress(OSError):  # a system may refuse it: the same is computed, only later
                self._keep_off(int(ctypes.CDLL(None).sched_getcpu()))

    def _keep_off(self, processor: int) -> None:
        """Have the helper run on any other processor that this thread may run on."""
        allowed = os.sched_getaffinity(0)
        if processor not in allowed or len(allowed) < HELPED:
            return
        if self._helpers is None:
            self._helpers = []  # as long as it is not known, and where the system refuses
            self._helpers = _made_on(processor, allowed)
        for helper in self._helpers:
            os.sched_setaffinity(helper, allowed - {processor})


def _made_on(processor: int, allowed: set[int]) -> list[int]:
    """Have OpenMP make the helpers of this thread.

    They may run where the thread may that makes them, which for this long is one processor: so they
    are told from all other threads.
    """
    os.sched_setaffinity(0, {processor})
    try:
        torch.ones(_IS_SHARED).sum()
        return [thread for thread in _others() if _runs_only_on(thread, processor)]
    finally:
        os.sched_setaffinity(0, allowed)


def _others() -> list[int]:
    own = threading.get_native_id()
    threads = (int(each.name) for each in Path("/proc/self/task").iterdir())
    return [thread for thread in threads if thread != own]


def _runs_only_on(thread: int, processor: int) -> bool:
    try:
        return os.sched_getaffinity(thread) == {processor}
    except OSError:  # it has ended meanwhile
        return False
