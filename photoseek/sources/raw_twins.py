"""Raw pictures that lie beside the JPEG of the same photo: cameras save both, and one is enough."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from photoseek.helpers.photo_names import JPEG, RAW

T = TypeVar("T")


def raw_twins(names: Iterable[str]) -> frozenset[str]:
    """Those names in one folder that are raw pictures of which there is a JPEG of that stem."""
    names = list(names)
    ends = {name.rpartition(".")[2] for name in names}  # few, where there may be a million names
    if not any(f".{end.casefold()}" in RAW for end in ends):
        return frozenset()
    raws: list[tuple[str, str]] = []
    stems: set[str] = set()
    for name in names:
        stem, end = os.path.splitext(name.casefold())  # noqa: PTH122 - a million times
        if end in RAW:
            raws.append((name, stem))
        elif end in JPEG:
            stems.add(stem)
    return frozenset(name for name, stem in raws if stem in stems)


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
            stem = os.path.splitext(name)[0] + "."  # noqa: PTH122 - a million times
        group.append(entry)
    yield from _without(group, name_of)


def _without(group: list[T], name_of: Callable[[T], str]) -> Iterator[T]:
    twins = raw_twins(map(name_of, group)) if len(group) > 1 else frozenset()
    yield from (entry for entry in group if name_of(entry) not in twins)
