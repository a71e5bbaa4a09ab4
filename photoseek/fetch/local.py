"""Bytes from local files, with every oddity of a file system told in words."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Self

from photoseek.errors import (
    AwayPhotoError,
    DamagedPhotoError,
    OutsideRootsError,
    OversizedPhotoError,
    UnreadablePhotoError,
)
from photoseek.helpers import path_rules
from photoseek.helpers.path_rules import extended, plain

_CHUNK = 1 << 20
_TOLD_BY_THE_SYSTEM = (Path("/proc"), Path("/sys"))
_FLAGS = ("O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK")
_LEADS_NOWHERE = (errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL)
"""What the system says of a path; all else is said of a disk, a share or a user."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A regular file of this machine, open for reading, with what the system said of it then.

    It stays this very file, whatever is put at its path meanwhile. Its owner closes it.
    """

    handle: int
    status: os.stat_result
    place: str

    @property
    def path(self) -> str:
        """Where this very file can be opened once more, for as long as it is open."""
        return f"/dev/fd/{self.handle}" if _can_walk() else extended(self.place)

    def read(self, max_bytes: int) -> bytes:
        """Its bytes, at most the first `max_bytes`.

        Raises:
            UnreadablePhotoError: the disk does not give them.
        """
        with _explained(), FileIO(self.handle, closefd=False) as file:
            file.seek(0)
            # All at once, as large as it was: joining one part copies nothing.
            parts = [file.read(min(self.status.st_size + 1, max_bytes))]
            left = max_bytes - len(parts[0])
            while chunk := file.read(min(_CHUNK, left)):
                parts.append(chunk)
                left -= len(chunk)
            file.seek(0)
        return b"".join(parts)

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
        _check_share(path, roots)
        real = plain(os.path.realpath(path))
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
    return LocalFile(handle, status, real)


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
        return path_rules.path_of_file_uri(uri)
    except ValueError as error:
        raise UnreadablePhotoError(f"URI cannot be used ({error}).") from error


def _check_place(real: str, roots: Sequence[Path] | None) -> None:
    place = Path(real)
    if any(place.is_relative_to(told) for told in _TOLD_BY_THE_SYSTEM):
        raise UnreadablePhotoError("This is no stored file but what the system tells of itself.")
    if roots is not None and not any(place.is_relative_to(root) for root in roots):
        raise _outside(roots)


def _check_share(path: str, roots: Sequence[Path] | None) -> None:
    """Refuse a share that is none of the roots: to look at it is to greet its server by name."""
    if roots is None or not path_rules.is_share(path):
        return
    place = Path(os.path.normpath(path))
    if not any(place.is_relative_to(root) for root in roots):
        raise _outside(roots)


def _outside(roots: Sequence[Path]) -> OutsideRootsError:
    allowed = ", ".join(str(root) for root in roots) or "none at all"
    return OutsideRootsError(
        f"File lies outside of the folders that may be read ({allowed}). "
        "Add its folder to PHOTOSEEK_PHOTO_ROOTS."
    )


def _can_walk() -> bool:
    """Whether this system opens a file as seen from a folder that is open; Windows does not."""
    return {os.open, os.stat} <= os.supports_dir_fd and all(hasattr(os, name) for name in _FLAGS)


def _open_resolved(real: str) -> int:
    """Open a path that has no links.

    If any part of it was swapped for a link after its place was checked, that link is not followed.
    """
    return _walk(real) if _can_walk() else _open_and_look(real)


def _open_and_look(real: str) -> int:
    """Open it, and look where it is: Windows moves no file that is open, nor a folder of it."""
    path = Path(extended(real))
    _check_kind(path.stat())  # only to be opened, some devices do things
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        is_there = os.path.samestat(os.fstat(handle), path.lstat())
        if not is_there or plain(os.path.realpath(path)) != real:
            raise UnreadablePhotoError("File cannot be read: it is moved at this moment.")
    except BaseException:
        os.close(handle)
        raise
    return handle


def _walk(real: str) -> int:
    """Open it folder by folder."""
    look = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW
    # Without O_NONBLOCK, opening a FIFO waits for a writer that may never come.
    read = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW
    *folders, name = Path(real).parts
    if not folders:
        raise UnreadablePhotoError("This is a folder, not a file.")
    parent: int | None = None
    try:
        for folder in folders:
            deeper = os.open(folder, look, dir_fd=parent)
            if parent is not None:
                os.close(parent)
            parent = deeper
        # Only to be opened, some devices do things.
        _check_kind(os.stat(name, dir_fd=parent, follow_symlinks=False))
        return os.open(name, read, dir_fd=parent)
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
    """Turn what the system raises inside into UnreadablePhotoError: AwayPhotoError where the file
    may be there.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadablePhotoError("There is no such file. It was moved or deleted.") from error
    except PermissionError as error:
        raise AwayPhotoError(
            "No permission to read the file. Let the user that runs photoseek read it."
        ) from error
    except ValueError as error:  # a NUL in the path
        raise UnreadablePhotoError(f"File cannot be read: {error}.") from error
    except OSError as error:
        kind = UnreadablePhotoError if error.errno in _LEADS_NOWHERE else AwayPhotoError
        raise kind(f"File cannot be read: {error.strerror}.") from error
