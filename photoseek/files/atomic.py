"""Files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path: Path, *, part: Path | None = None) -> Iterator[Path]:
    """A path to write to inside; at the end its file takes the place of the one at `path`.

    It is `part`, by default a hidden file beside it, and is removed when anything is raised inside.
    A reader sees the old file or the new one. Several writers at a time need parts of their own.
    """
    part = part or path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
