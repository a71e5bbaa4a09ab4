"""Raw pictures that lie beside the JPEG of the same photo: cameras save both, and one is enough."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from photoseek.helpers.photo_names import JPEG, RAW

T = TypeVar("T")


def raw_twins(names: Iterable[str]) -> frozenset[str]:
    """Those names in one folder that are raw pictures of which there is a JPEG of that stem."""
    parts = [(name, *os.path.splitext(name.casefold())) for name in names]  # noqa: PTH122
    stems = {stem for _, stem, end in parts if end in JPEG}
    return frozenset(name for name, stem, end in parts if end in RAW and stem in stems)


def without_raw_twins(entries: Iterable[T], name_of: Callable[[T], str]) -> Iterator[T]:
    """A listing in the order of its keys, without raw pictures that have a JPEG beside them.

    Keys of one stem follow one another, so only those are held back together.
    """
    group: list[T] = []
    stem = ""
    for entry in entries:
        name = name_of(entry)
        if group and not name.startswith(stem):
            yield from _without(group, name_of)
            group = []
        if not group:
            stem = os.path.splitext(name)[0] + "."  # noqa: PTH122
        group.append(entry)
    yield from _without(group, name_of)


def _without(group: list[T], name_of: Callable[[T], str]) -> Iterator[T]:
    if len(group) == 1:
        yield group[0]
        return
    twins = raw_twins(map(name_of, group))
    yield from (entry for entry in group if name_of(entry) not in twins)
