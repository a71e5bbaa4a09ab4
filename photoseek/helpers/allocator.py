"""What the C library keeps of memory that was freed.

glibc has up to eight arenas for each processor, and a thread gets memory from one of them. What
LanceDB frees in one is not given back while anything above it is in use, and other arenas cannot
have it. Other systems have other allocators; there is nothing to be done there.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress

from photoseek.helpers.machine import processors

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
_SAID = "MALLOC_ARENA_MAX"


def use_few_arenas() -> None:
    """Have as many arenas as processors, and two at least, unless the environment says how many.

    Those that are there already stay.
    """
    if sys.platform == "linux" and _SAID not in os.environ:
        with suppress(OSError, AttributeError):  # musl has no such call
            ctypes.CDLL(None).mallopt(_ARENA_MAX, max(2, processors()))


def give_back() -> None:
    """Give back to the system what was freed; for when much was."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
