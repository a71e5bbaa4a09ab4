"""Bytes from local files, with every oddity of a file system told in words."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from photoseek.errors import DamagedPhotoError, OversizedPhotoError, UnreadablePhotoError


def read_file(path: str, *, max_bytes: int, roots: Sequence[Path] | None = None) -> bytes:
    """Read a regular file of 1 to `max_bytes` bytes at an absolute path.

    With `roots` (themselves resolved), a file that lies outside of them once links and ".." are
    followed is refused. Raises UnreadablePhotoError, DamagedPhotoError or OversizedPhotoError.
    """
    try:
        real = os.path.realpath(path)
        _check_roots(real, roots)
        # Without O_NONBLOCK, opening a FIFO waits for a writer that may never come. O_NOFOLLOW
        # keeps the file from being swapped for a link after its place was checked.
        handle = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            data = _read_regular(handle, max_bytes)
        finally:
            os.close(handle)
    except FileNotFoundError as error:
        raise UnreadablePhotoError("There is no such file. It was moved or deleted.") from error
    except PermissionError as error:
        raise UnreadablePhotoError(
            "No permission to read the file. Let the user that runs photoseek read it."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadablePhotoError(f"File cannot be read: {reason}.") from error
    if not data:
        raise DamagedPhotoError("File is empty (0 bytes).")
    return data


def path_of_file_uri(uri: str) -> str:
    """Turn file:///photos/red%20car.jpg into /photos/red car.jpg.

    Raises UnreadablePhotoError for a file on another machine.
    """
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise UnreadablePhotoError(f"URI cannot be used ({error}).") from error
    if parts.netloc not in ("", "localhost"):
        raise UnreadablePhotoError(
            f"File lies on another machine ({parts.hostname}). Write file:/// with three slashes "
            "for a file on this one."
        )
    return unquote(parts.path, errors="surrogateescape")


def oversized(size: int, max_bytes: int, *, at_least: bool = False) -> OversizedPhotoError:
    """Word the error for a photo of `size` bytes, or more, where `max_bytes` are allowed."""
    measure = f"{'at least ' if at_least else ''}{size / 1e6:,.1f} MB"
    return OversizedPhotoError(
        f"File is {measure}; the limit is {max_bytes / 1e6:g} MB. Raise PHOTOSEEK_MAX_MEGABYTES."
    )


def _check_roots(real: str, roots: Sequence[Path] | None) -> None:
    if roots is None or any(Path(real).is_relative_to(root) for root in roots):
        return
    allowed = ", ".join(str(root) for root in roots) or "none at all"
    raise UnreadablePhotoError(
        f"File lies outside of the folders that may be read ({allowed}). "
        "Add its folder to PHOTOSEEK_PHOTO_ROOTS."
    )


def _read_regular(handle: int, max_bytes: int) -> bytes:
    status = os.fstat(handle)
    if stat.S_ISDIR(status.st_mode):
        raise UnreadablePhotoError("This is a folder, not a file.")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadablePhotoError("This is no regular file but a pipe or device.")
    if status.st_size > max_bytes:
        raise oversized(status.st_size, max_bytes)
    with os.fdopen(handle, "rb", closefd=False) as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:  # it grew, or lies about its size as /proc does
        raise oversized(len(data), max_bytes, at_least=True)
    return data
