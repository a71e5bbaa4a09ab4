"""What the C library keeps of memory that was freed.

glibc has up to eight arenas for each processor, and a thread gets memory from one of them. What
LanceDB frees in one is not given back while anything above it is in use, and other arenas cannot
have it. What is given back, the system clears before anybody has it again, which takes as long as
to read it. Other systems have other allocators; there is nothing to be done there.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress

from photoseek.helpers.machine import processors

# Of malloc.h, with the variables by which somebody says it.
_ARENA_MAX, _ARENAS_SAID = -8, "MALLOC_ARENA_MAX"
_TRIM_THRESHOLD, _TRIM_SAID = -1, "MALLOC_TRIM_THRESHOLD_"
_MMAP_THRESHOLD, _MMAP_SAID = -3, "MALLOC_MMAP_THRESHOLD_"
# What glibc itself comes to when a block of that size has been freed.
_MAPPED_FROM, _KEPT = 32 << 20, 64 << 20


def use_few_arenas() -> None:
    """Have as many arenas as processors, and two at least, unless the environment says how many.

    Those that are there already stay, and when there are more than eight it is too late: glibc has
    settled then how many there may be. So a process of photoseek's own says it as it begins.
    """
    _set(_ARENA_MAX, max(2, processors()), _ARENAS_SAID)


def keep_some_free() -> None:
    """Have each arena keep up to 64 MB of what was freed, unless the environment says how much."""
    _set(_MMAP_THRESHOLD, _MAPPED_FROM, _MMAP_SAID)
    _set(_TRIM_THRESHOLD, _KEPT, _TRIM_SAID)


def give_back() -> None:
    """Give back to the system what was freed; for when much was."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def _set(option: int, value: int, said: str) -> None:
    if sys.platform == "linux" and said not in os.environ:
        with suppress(OSError, AttributeError):  # musl has no such call
            ctypes.CDLL(None).mallopt(option, value)
