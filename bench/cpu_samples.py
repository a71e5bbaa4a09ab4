"""Where a process spends its CPU time: stacks of Python with the nanoseconds of their threads.

Each thread is asked for its own CPU clock again and again, and what it has used since goes to where
it stands. So neither waiting counts, nor other work of the machine. Linux alone has such clocks.
"""

from __future__ import annotations

import json
import sys
import sysconfig
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

EVERY_SECONDS = 0.002
SWITCH_SECONDS = 0.0002
"""After which a thread of Python makes way for another. With Python's own 5 ms all would seem to
happen where a thread waits, as it makes way there by itself."""

NATIVE = "threads without Python"
"""What libraries use in threads of their own, such as LanceDB's."""

UNTOLD = frozenset(
    {"bench", "threading", "concurrent", "contextlib", "contextvars", "runpy", "functools"}
)
"""Packages whose functions only call others."""

BEGINNING = "photoseek/cli/"
"""What stands above all that a server does."""

OWN = ("photoseek", "executors")

Stacks = Counter[tuple[str, ...]]
"""Nanoseconds by stack, the outermost first."""

_HERE = f"{Path(__file__).parents[1]}/"
_PLACES = tuple(
    sorted({f"{sysconfig.get_path(name)}/" for name in ("purelib", "platlib", "stdlib")}, key=len)
)[::-1]


@contextmanager
def sampling(is_wanted: Callable[[], bool]) -> Iterator[Stacks]:
    """Inside, stacks are counted for as long as they are wanted."""
    stacks: Stacks = Counter()
    is_over = threading.Event()
    thread = threading.Thread(target=_sample, args=(stacks, is_over, is_wanted), daemon=True)
    switch = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    thread.start()
    try:
        yield stacks
    finally:
        is_over.set()
        thread.join()
        sys.setswitchinterval(switch)


def write(stacks: Stacks, path: Path) -> None:
    """Write stacks for another process."""
    path.write_text(json.dumps([[*stack, spent] for stack, spent in stacks.items()]))


def read(path: Path) -> Stacks:
    """What `write` has written."""
    return Counter({tuple(stack): spent for *stack, spent in json.loads(path.read_text())})


def _sample(stacks: Stacks, is_over: threading.Event, is_wanted: Callable[[], bool]) -> None:
    before: dict[int, int] = {}
    process = time.process_time_ns()
    while not is_over.wait(EVERY_SECONDS):
        now = {thread: _clock(thread) for thread in threading.enumerate()}
        frames = sys._current_frames()
        spent = time.process_time_ns()
        python = 0
        counts = is_wanted()
        for thread, clock in now.items():
            used = clock - before.get(thread.native_id or 0, clock)
            python += used
            frame = frames.get(thread.ident or 0)
            is_other = thread is not threading.current_thread()
            if counts and used > 0 and is_other and frame is not None:
                stacks[_stack(frame)] += used
        if counts and (native := spent - process - python) > 0:
            stacks[(NATIVE,)] += native
        before = {thread.native_id or 0: clock for thread, clock in now.items()}
        process = spent


def _clock(thread: threading.Thread) -> int:
    """Nanoseconds of CPU time of a thread by the number that Linux has for its clock; 0 where it
    has ended.
    """
    try:
        return time.clock_gettime_ns((~(thread.native_id or 0) << 3) | 6)
    except OSError:
        return 0


def _stack(frame: FrameType | None) -> tuple[str, ...]:
    """Functions of ours, and between them the packages that were called."""
    found: list[str] = []
    while frame is not None:
        name = _name(frame)
        if name and (not found or found[-1] != name):
            found.append(name)
        frame = frame.f_back
    return tuple(reversed(found))


def _name(frame: FrameType) -> str:
    path = frame.f_code.co_filename
    for place in (*_PLACES, _HERE):
        path = path.removeprefix(place)
    package = path.removeprefix("<frozen ").partition("/")[0].partition(".")[0].rstrip(">")
    if package in UNTOLD or path.startswith(BEGINNING):
        return ""
    if package in OWN:
        return f"{frame.f_code.co_qualname} ({path})"
    return package
