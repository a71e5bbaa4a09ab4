"""Bytes from local files, with every oddity of a file system told in words."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from photoseek.errors import (
    DamagedPhotoError,
    OutsideRootsError,
    OversizedPhotoError,
    UnreadablePhotoError,
)

_CHUNK = 1 << 20
_TOLD_BY_THE_SYSTEM = (Path("/proc"), Path("/sys"))
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a FIFO waits for a writer that may never come.
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A regular file of this machine, open for reading, with what the system said of it then.

    It stays this very file, whatever is put at its path meanwhile. Its owner closes it.
    """

    handle: int
    status: os.stat_result

    def read(self, max_bytes: int) -> bytes:
        """Its bytes, at most the first `max_bytes`.

        Raises:
            UnreadablePhotoError: the disk does not give them.
        """
        data = bytearray()
        with _explained():
            while chunk := os.pread(self.handle, min(_CHUNK, max_bytes - len(data)), len(data)):
                data += chunk
        return bytes(data)

    def close(self) -> None:
        """Close the file; do so once."""
        os.close(self.handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_file(path: str, *, max_bytes: int, roots: Sequence[Path] | None = None) -> LocalFile:
    """Open a regular file of 1 to `max_bytes` bytes at an absolute path.

    With `roots` (themselves resolved), a file that lies outside of them once links and ".." are
    followed is refused.

    Raises:
        OutsideRootsError: it lies outside of `roots`.
        UnreadablePhotoError: it is not there, or cannot be opened.
        DamagedPhotoError: it is empty.
        OversizedPhotoError: it is larger than `max_bytes`.
    """
    with _explained():
        real = os.path.realpath(path)
        _check_place(real, roots)
        handle = _open_resolved(real)
    try:
        status = os.fstat(handle)
        _check_kind(status)
        if not status.st_size:
            raise DamagedPhotoError("File is empty (0 bytes).")
        if status.st_size > max_bytes:
            raise OversizedPhotoError.of_bytes(status.st_size, max_bytes)
    except BaseException:
        os.close(handle)
        raise
    return LocalFile(handle, status)


def read_file(path: str, *, max_bytes: int, roots: Sequence[Path] | None = None) -> bytes:
    """Read what `open_file` opens.

    Raises:
        PhotoError: as `open_file` does.
    """
    with open_file(path, max_bytes=max_bytes, roots=roots) as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:  # it grew meanwhile
        raise OversizedPhotoError.of_bytes(len(data), max_bytes, at_least=True)
    if not data:
        raise DamagedPhotoError("File is empty (0 bytes).")
    return data


def path_of_file_uri(uri: str) -> str:
    """Turn file:///photos/red%20car.jpg into /photos/red car.jpg.

    Raises:
        UnreadablePhotoError: for a file on another machine.
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


def _check_place(real: str, roots: Sequence[Path] | None) -> None:
    place = Path(real)
    if any(place.is_relative_to(told) for told in _TOLD_BY_THE_SYSTEM):
        raise UnreadablePhotoError("This is no stored file but what the system tells of itself.")
    if roots is None or any(place.is_relative_to(root) for root in roots):
        return
    allowed = ", ".join(str(root) for root in roots) or "none at all"
    raise OutsideRootsError(
        f"File lies outside of the folders that may be read ({allowed}). "
        "Add its folder to PHOTOSEEK_PHOTO_ROOTS."
    )


def _open_resolved(real: str) -> int:
    """Open a path that has no links, folder by folder.

    If any part of it was swapped for a link after its place was checked, that link is not followed.
    """
    *folders, name = Path(real).parts
    if not folders:
        raise UnreadablePhotoError("This is a folder, not a file.")
    parent: int | None = None
    try:
        for folder in folders:
            deeper = os.open(folder, _FOLDER, dir_fd=parent)
            if parent is not None:
                os.close(parent)
            parent = deeper
        # Only to be opened, some devices do things.
        _check_kind(os.stat(name, dir_fd=parent, follow_symlinks=False))
        return os.open(name, _FILE, dir_fd=parent)
    finally:
        if parent is not None:
            os.close(parent)


def _check_kind(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise UnreadablePhotoError("This is a folder, not a file.")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadablePhotoError("This cannot be read: it is no file but a pipe or device.")


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what the system raises inside into UnreadablePhotoError."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadablePhotoError("There is no such file. It was moved or deleted.") from error
    except PermissionError as error:
        raise UnreadablePhotoError(
            "No permission to read the file. Let the user that runs photoseek read it."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadablePhotoError(f"File cannot be read: {reason}.") from error
