"""Facets: how many photos have each value of a field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from photoseek.records import Counts, Facets, StoredPhoto
from photoseek.store.fields import FACETS, METADATA, Field, metadata_field
from photoseek.store.kinds import Labels, label_key


def facets_of(total: int, counted: Iterable[tuple[Field, Mapping[str, int]]]) -> Facets:
    """The facets of `total` photos by what was counted of some fields; those without are left out.

    Labels that differ in case only are one, written as it is most often.
    """
    counts = {field.facet: _ordered(field, values) for field, values in counted}
    return Facets(total, {name: values for name, values in counts.items() if values})


def facets_of_photos(photos: Sequence[StoredPhoto], own: Sequence[str]) -> Facets:
    """What photos have in common; `own` are the columns of manifests that make facets."""
    fields = (*FACETS, *(metadata_field(METADATA + name) for name in own))
    counted = (
        (field, Counter(value for each in photos for value in field.kind.counted(field.read(each))))
        for field in fields
    )
    return facets_of(len(photos), counted)


def _ordered(field: Field, counts: Mapping[str, int]) -> Counts:
    if isinstance(field.kind, Labels):
        if like := field.kind.counted_like:
            counts = {label: n for label, n in counts.items() if re.fullmatch(like, label)}
        counts = _merged(counts)
    found = _by_count((value, count) for value, count in counts.items() if value and count)
    return tuple(found[: field.most])


def _merged(counts: Mapping[str, int]) -> Mapping[str, int]:
    shown: dict[str, str] = {}
    total: Counter[str] = Counter()
    for label, count in _by_count(counts.items()):
        total[shown.setdefault(label_key(label), label)] += count
    return total


def _by_count(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda counted: (-counted[1], counted[0]))
