"""Locks on files, which keep threads and processes of one machine apart.

The system lets go of a lock when the process that holds it ends, however that is. By `flock` where
there is one, as every version before did, so that old and new processes keep one another out; by
filelock elsewhere, which locks a byte of the file on Windows.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOOK_EVERY = 0.02
"""Seconds between two looks at a lock that somebody else has, where the system cannot wait."""


class FileLock:
    """One turn at a file's lock: for one thread, and also between threads of one process.

    Everything raises OSError where the file cannot be opened; its folder must be there.
    """

    def __init__(self, path: Path, mode: int = 0o644) -> None:
        """`mode` is that of the file, where it has to be made."""
        self._path = path
        self._mode = mode
        self._descriptor: int | None = None
        self._other: Any = None

    def acquire(self, *, wait: bool = True) -> bool:
        """Take the lock. Without `wait`, False where somebody else has it."""
        return self._by_flock(wait) if fcntl else self._by_library(wait)

    def release(self) -> None:
        """Let go of the lock."""
        descriptor, self._descriptor = self._descriptor, None
        other, self._other = self._other, None
        if descriptor is not None:
            os.close(descriptor)
        if other is not None:
            other.release()

    def _by_flock(self, wait: bool) -> bool:
        # A descriptor of its own for every turn, so that threads exclude one another too.
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, self._mode)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(descriptor)
            return False
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return True

    def _by_library(self, wait: bool) -> bool:
        import filelock

        if not self._path.parent.is_dir():  # which filelock would make
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._path))
        other = filelock.FileLock(
            self._path, mode=self._mode, thread_local=False, poll_interval=LOOK_EVERY
        )
        try:
            other.acquire(blocking=wait)
        except filelock.Timeout:
            return False
        self._other = other
        return True


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Inside, this thread has the lock; without `wait`, False where somebody else has it."""
    lock = FileLock(path)
    has_it = lock.acquire(wait=wait)
    try:
        yield has_it
    finally:
        lock.release()


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """A block that any number may be in at once, and that `is_unused` sees.

    It never waits for long. Where the file cannot be had, or the system has no such lock, nobody
    sees it.
    """
    descriptor = _opened_to_share(path)
    if descriptor is None:
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def is_unused(path: Path, seconds: float) -> bool:
    """Whether there was a moment within these seconds in which nobody was inside `shared`.

    False where that cannot be known, and while the file is not there, which is made then.
    """
    if not fcntl:
        return False
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        end = time.monotonic() + seconds
        while not is_new:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            if time.monotonic() >= end:
                break
            time.sleep(LOOK_EVERY)
        return False
    finally:
        os.close(descriptor)


def _opened_to_share(path: Path) -> int | None:
    if not fcntl:
        return None
    for flags in (os.O_RDONLY, os.O_RDONLY | os.O_CREAT):
        with suppress(OSError):
            return os.open(path, flags, 0o644)
    return None


def lock_for(path: Path) -> Path:
    """What to lock for a file that others read and write meanwhile.

    That is the file itself, or one beside it where nobody reads a file that is locked.
    """
    return path if fcntl else path.with_name(f"{path.name}.lock")
