"""File systems on which LanceDB cannot commit: those without hard links."""

from __future__ import annotations

import errno
import uuid
from contextlib import suppress
from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
"""What exFAT and FAT, SMB, and FUSE answer where a file is to get a second name."""


def lacks_links(folder: Path) -> bool:
    """Whether files of a folder cannot have a second name, found by giving one to a file."""
    name = f".links-{uuid.uuid4().hex}"
    first, second = folder / name, folder / f"{name}-2"
    try:
        first.touch()
        second.hardlink_to(first)
    except NotImplementedError:  # this Python cannot tell
        return False
    except OSError as error:
        return error.errno in _NO_LINKS and first.exists()
    finally:
        for path in (second, first):
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return False


def no_links(location: str) -> str:
    """The sentence for an index in a folder that `lacks_links`."""
    return (
        f"The index at {location} cannot be written: the file system of that folder has no hard "
        "links, which each commit needs (exFAT, FAT, and some network drives). Choose an --index "
        "on another disk, or in S3; the photos may stay where they are."
    )
