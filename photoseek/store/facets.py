"""Facets: how many photos have each value, from a table's columns or from photos themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, get_args

from photoseek.records import Facets, Orientation, StoredPhoto
from photoseek.store.fields import distinct, label_key
from photoseek.store.lance.escaping import from_text

if TYPE_CHECKING:
    import pyarrow as pa

COUNTED_COLUMNS = ("tags", "licence", "photographer", "width", "height", "colours", "taken")
_MOST_FREQUENT = 50
_Counts = Mapping[str, int]


def facets_of_photos(photos: Sequence[StoredPhoto]) -> Facets:
    """What photos have in common."""
    return Facets(
        total=len(photos),
        tags=_tags(Counter(tag for stored in photos for tag in distinct(stored.photo.tags))),
        licence=_ordered(Counter(stored.photo.licence for stored in photos)),
        photographer=_ordered(Counter(stored.photo.photographer for stored in photos), most=True),
        orientation=_ordered(Counter(stored.orientation for stored in photos)),
        colours=_ordered(Counter(name for stored in photos for name in stored.traits.colours)),
        years=_ordered(Counter(stored.traits.taken[:4] for stored in photos)),
    )


def facets_of_rows(rows: pa.Table) -> Facets:
    """What photos have in common; `rows` has `COUNTED_COLUMNS`."""
    import pyarrow.compute as pc

    years = pc.utf8_slice_codeunits(rows["taken"], 0, 4)
    return Facets(
        total=rows.num_rows,
        tags=_tags(_counted(pc.list_flatten(rows["tags"]))),
        licence=_ordered(_counted(rows["licence"])),
        photographer=_ordered(_counted(rows["photographer"]), most=True),
        orientation=_ordered(_orientations(rows)),
        colours=_ordered(_counted(pc.list_flatten(rows["colours"]))),
        years=_ordered(_counted(years)),
    )


def _counted(values: pa.ChunkedArray) -> _Counts:
    counts = values.value_counts()
    texts = map(from_text, counts.field("values").to_pylist())
    return dict(zip(texts, counts.field("counts").to_pylist(), strict=True))


def _orientations(rows: pa.Table) -> _Counts:
    import pyarrow.compute as pc

    width, height = rows["width"], rows["height"]
    tests = (pc.greater(width, height), pc.less(width, height), pc.equal(width, height))
    counts = (pc.sum(test).as_py() or 0 for test in tests)
    return dict(zip(get_args(Orientation), counts, strict=True))


def _tags(counts: _Counts) -> tuple[tuple[str, int], ...]:
    """Tags that differ in case only as one, written as it is most often."""
    shown: dict[str, str] = {}
    total: Counter[str] = Counter()
    for tag, count in _by_count(counts.items()):
        total[shown.setdefault(label_key(tag), tag)] += count
    return _ordered(total, most=True)


def _ordered(counts: _Counts, *, most: bool = False) -> tuple[tuple[str, int], ...]:
    found = _by_count((value, count) for value, count in counts.items() if value and count)
    return tuple(found[:_MOST_FREQUENT] if most else found)


def _by_count(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda counted: (-counted[1], counted[0]))
