"""What disks, buckets and engines raise, in the words of photoseek."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from photoseek.errors import (
    DamagedStoreError,
    SilentStoreError,
    StorageError,
    StoreWriteError,
    UnreadableStoreError,
)
from photoseek.helpers.deadlines import seconds_left

_FORBIDDEN = "this user may not write there. Change its permissions, or choose another --index"
_REASONS = {
    errno.ENOSPC: "the disk is full. Make room and run again",
    errno.EDQUOT: "the disk quota is used up. Make room and run again",
    errno.EFBIG: "a file would become larger than this system allows. Raise its limit",
    errno.EROFS: "the disk is read-only. Choose another --index, or make it writable",
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.ENOENT: "its folder, or a part of it, is gone. Index again",
    errno.ENOTDIR: "a file is in the place of a folder. Choose another --index",
    errno.EEXIST: "a file is in the place of a folder. Choose another --index",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """What an error says: the system's error number or 0, and the rest in words.

    `unreachable` is a sentence where the place of the index does not answer, or refuses; "" where
    it does.
    """

    number: int
    detail: str
    unreachable: str = ""


def plain_cause(error: Exception) -> Cause:
    """The cause of an error that the system, or a place for files, raised."""
    if isinstance(error, StorageError):
        inner = error.__cause__
        number = (inner.errno or 0) if isinstance(inner, OSError) else 0
        return Cause(number, str(error).rstrip(". "), unreachable=str(error))
    text = str(error).strip().rstrip(". ") or type(error).__name__
    return Cause((error.errno or 0) if isinstance(error, OSError) else 0, text)


def is_full(error: Exception) -> bool:
    """Whether a disk has no room, or its user has used up what is allowed."""
    return plain_cause(error).number in (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def writing(location: str, cause_of: Callable[[Exception], Cause] = plain_cause) -> Iterator[None]:
    """Turn what fails inside into `StoreWriteError`, or `SilentStoreError` when time is up."""
    try:
        yield
    except (OSError, RuntimeError, StorageError) as error:
        if seconds_left() <= 0:
            raise _silent(location) from error
        cause = cause_of(error)
        reason = _REASONS.get(cause.number) or cause.unreachable or cause.detail
        raise StoreWriteError(
            f"The index at {location} cannot be written: {reason.rstrip('.')}."
        ) from error


@contextmanager
def reading(location: str, cause_of: Callable[[Exception], Cause] = plain_cause) -> Iterator[None]:
    """Turn what fails inside into `DamagedStoreError`, or `StoreError` where it is unreachable.

    When the time of this thread is up, that is why: `SilentStoreError`.
    """
    try:
        yield
    except (OSError, RuntimeError, StorageError) as error:
        if seconds_left() <= 0:
            raise _silent(location) from error
        cause = cause_of(error)
        if cause.number in (errno.EACCES, errno.EPERM):
            raise UnreadableStoreError(
                f"The index at {location} cannot be read: this user has no permission. "
                "Change its permissions, or choose another --index."
            ) from error
        if cause.unreachable:
            raise UnreadableStoreError(
                f"The index at {location} cannot be read: {cause.unreachable}"
            ) from error
        raise DamagedStoreError(
            f"The index at {location} cannot be read: {cause.detail}. "
            "Restore it from a backup, or remove the folder and index again."
        ) from error


def _silent(location: str) -> SilentStoreError:
    return SilentStoreError(
        f"The index at {location} does not answer in time. Try again in a moment; if that does not "
        "help, look whether its disk or bucket can be reached."
    )
