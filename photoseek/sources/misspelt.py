"""Paths in manifests that name no file as they are written: what was meant, or what is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import PurePath

from photoseek.helpers.path_rules import extended, is_absolute, is_of_windows
from photoseek.helpers.uri import scheme_of

MOST_NAMES = 100_000
"""Names of a folder that are looked through; in larger ones case counts."""

_VARIABLE = re.compile(r"\$\{?\w+|%\w+%")
_QUOTES = ("'", '"', "`", "\u2018", "\u201c", "\u00ab")


def in_other_case(path: str) -> str:
    """A whole path as the disk has it where upper and lower case differ; "" where that is unclear.

    A manifest that was written on Windows or a Mac need not mind the case of names.
    """
    place = PurePath(path)
    found = place.anchor
    for name in place.relative_to(place.anchor).parts if place.anchor else ():
        names = [name] if os.path.lexists(_joined(found, name)) else _spellings(found, name)
        if len(names) != 1:
            return ""
        found = _joined(found, names[0])
    return found if found != path else ""


def hint(path: str) -> str:
    """What may be wrong with a path that names no file, as the end of a sentence; or ""."""
    if is_of_windows(path) and not is_absolute(path):
        return "; it is a path of Windows: write it relative to the manifest"
    if path.startswith("~"):
        return "; ~ is not read in a manifest: write the whole path"
    if _VARIABLE.match(path):
        return "; variables are not read in a manifest: write what they stand for"
    if path.startswith(_QUOTES):
        return "; it stands in quotes: write it without them"
    if not is_absolute(path) and not scheme_of(path):
        return "; paths start at the folder of the manifest"
    return ""


def _joined(folder: str, name: str) -> str:
    return os.path.join(folder, name)  # noqa: PTH118 - for a million rows


def _spellings(folder: str, name: str) -> list[str]:
    try:
        changed = os.stat(extended(folder)).st_mtime_ns  # noqa: PTH116
    except (OSError, ValueError):
        return []
    return _names_in(folder, changed).get(name.casefold(), [])


@lru_cache(16)
def _names_in(folder: str, changed: int) -> dict[str, list[str]]:
    """The names in a folder by what they are without regard to case, as long as none is new."""
    names: dict[str, list[str]] = {}
    for name in islice(_listed(folder), MOST_NAMES):
        names.setdefault(name.casefold(), []).append(name)
    return names


def _listed(folder: str) -> Iterator[str]:
    try:
        with os.scandir(extended(folder)) as entries:
            yield from (entry.name for entry in entries)
    except OSError:
        return
