"""Files of which Git LFS has left a pointer: what is got by cloning a repository without it."""

from __future__ import annotations

from pathlib import Path

_BEGINS = b"version https://git-lfs"
_LONGEST = 1024
"""Bytes of a pointer, at most."""


def pointer_remark(path: Path) -> str:
    """A sentence, with a space before it, on a file that is but a pointer; else ""."""
    try:
        if path.stat().st_size > _LONGEST or not path.read_bytes().startswith(_BEGINS):
            return ""
    except OSError:
        return ""
    return f" {path.name} is a pointer of Git LFS, and not the file itself: run git lfs pull there."
