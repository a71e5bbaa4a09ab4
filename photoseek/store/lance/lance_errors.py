"""What LanceDB and the system raise, in the words of photoseek.

LanceDB raises `RuntimeError` for nearly everything, with the system's error number in its text:
"lance error: LanceError(IO): No space left on device (os error 28), lance-file-13.0.0/src/...".
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from photoseek.errors import (
    DamagedStoreError,
    SilentStoreError,
    StorageError,
    StoreError,
    StoreWriteError,
)
from photoseek.helpers.deadlines import seconds_left

_NUMBER = re.compile(r"\(os error (\d+)\)")
_ORIGIN = re.compile(r", /?[\w./@+-]+\.rs:\d+:\d+")
_PREFIX = re.compile(r"^(?:(?:lance error|External error|LanceError\(IO\)): )+")

_S3_CODE = re.compile(r"<Code>(\w{1,80})</Code>")
_S3_FAILURE = re.compile(r"Generic S3 error|store: \\?\"S3|Failed to connect to namespace")

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


@contextmanager
def writing(location: str) -> Iterator[None]:
    """Turns what fails inside into `StoreWriteError`, or `SilentStoreError` when time is up."""
    try:
        yield
    except (OSError, RuntimeError, StorageError) as error:
        if seconds_left() <= 0:
            raise _silent(location) from error
        reason = _REASONS.get(_number(error)) or unreachable(error) or _detail(error)
        raise StoreWriteError(
            f"The index at {location} cannot be written: {reason.rstrip('.')}."
        ) from error


@contextmanager
def reading(location: str) -> Iterator[None]:
    """Turns what fails inside into `DamagedStoreError`, or `StoreError` where it is unreachable.

    When the time of this thread is up, that is why: `SilentStoreError`.
    """
    try:
        yield
    except (OSError, RuntimeError, StorageError) as error:
        if seconds_left() <= 0:
            raise _silent(location) from error
        if _number(error) in (errno.EACCES, errno.EPERM):
            raise StoreError(
                f"The index at {location} cannot be read: this user has no permission. "
                "Change its permissions, or choose another --index."
            ) from error
        if reason := unreachable(error):
            raise StoreError(f"The index at {location} cannot be read: {reason}") from error
        raise DamagedStoreError(
            f"The index at {location} cannot be read: {_detail(error)}. "
            "Restore it from a backup, or remove the folder and index again."
        ) from error


def _silent(location: str) -> SilentStoreError:
    return SilentStoreError(
        f"The index at {location} does not answer in time. Try again in a moment; if that does not "
        "help, look whether its disk or bucket can be reached."
    )


def is_conflict(error: RuntimeError | OSError) -> bool:
    """Whether LanceDB gave up because another commit came first; trying again is right."""
    return "conflict" in str(error).lower()


def unreachable(error: Exception) -> str | None:
    """A sentence where the place of an index does not answer, or refuses; None where it does."""
    if isinstance(error, StorageError):
        return str(error)
    text = str(error)
    if found := _S3_CODE.search(text):
        from photoseek.files.s3_errors import sentence  # botocore is slow to import

        return sentence(found[1], "the index")
    return f"S3 cannot be used ({_detail(error)[:300]})." if _S3_FAILURE.search(text) else None


def _number(error: Exception) -> int:
    if isinstance(error, StorageError) and isinstance(error.__cause__, OSError):
        error = error.__cause__
    if isinstance(error, OSError) and error.errno:
        return error.errno
    if found := _NUMBER.search(str(error)):
        return int(found[1])
    return errno.ENOENT if "Not found:" in str(error) else 0


def _detail(error: Exception) -> str:
    text = _ORIGIN.sub("", str(error).strip().splitlines()[0] if str(error).strip() else "")
    return _PREFIX.sub("", text).rstrip(". ") or type(error).__name__
