"""When to look at a list again."""

from __future__ import annotations

import os
import time
from pathlib import Path

from photoseek.sources.source import file_version


def version_of(path: Path) -> str:
    """Give a token that changes whenever a list does; "" where it cannot be seen."""
    try:
        return file_version(path.stat())
    except OSError:
        return ""


def wait_for_change(path: Path, version: str, seconds: float, *, at_most_once: bool) -> None:
    """Look every so many `seconds`, until the list is another than that of `version`.

    With `at_most_once` the first look ends it. A list whose last line has no end yet is
    looked at once more, because somebody may be in the middle of writing it.
    """
    unfinished = ""
    while True:
        time.sleep(seconds)
        found = version_of(path)
        if found and (at_most_once or found != version):
            if found == unfinished or _ends_whole(path):
                return
            unfinished = found


def _ends_whole(path: Path) -> bool:
    if path.suffix.lower() == ".parquet":
        return True
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 1))
        return file.read() in (b"", b"\n")
