"""An index written as a manifest: what its photos were described by, which `index` takes again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from photoseek.helpers.idset import Seen, key_of
from photoseek.indexing.export_files import export_file
from photoseek.records import ExportReport, Filter, StoredPhoto, Vector
from photoseek.store import PhotoStore
from photoseek.store.filters import matches
from photoseek.store.own_columns import MOST_COLUMNS

AT_ONCE = 1_000
"""Photos in memory, and in one group of rows."""

Rows = tuple[list[StoredPhoto], list[Vector]]


def export_index(
    store: PhotoStore,
    place: str,
    *,
    where: Sequence[Filter] = (),
    vectors: bool = False,
    on_progress: Callable[[int], None] = lambda _: None,
) -> ExportReport:
    """Write the photos that satisfy all filters, which were checked, to a file or to "-".

    `on_progress` hears how many photos of the index were looked at.

    Raises:
        StorageError: the file cannot be written; the one that was there is as it was.
        StoreError: the index cannot be read.
    """
    begun = time.perf_counter()
    own = _own_columns(store)
    known = frozenset(own)
    photos = late = 0
    with export_file(place, own, store.model.dimensions if vectors else 0) as file:
        for found, their_vectors in rows_of(store, where, on_progress, vectors=vectors):
            late += sum(not known.issuperset(each.photo.metadata) for each in found)
            file.write([each.photo for each in found], their_vectors)
            photos += len(found)
    remarks = []
    if late:
        remarks.append(
            f"{late:,} photos got further columns while this ran; export again to have them."
        )
    seconds = time.perf_counter() - begun
    return ExportReport(place, photos, len(own), vectors, seconds, tuple(remarks))


def _own_columns(store: PhotoStore) -> tuple[str, ...]:
    """All columns of users' own manifests; where the store does not tell, each photo is asked."""
    told = store.own_columns()
    if 0 < len(told) < MOST_COLUMNS:
        return tuple(told)
    names: dict[str, None] = {}
    for ids in _parts(store.ids()):
        for stored in store.get(ids).values():
            names |= dict.fromkeys(name for name, text in stored.photo.metadata.items() if text)
    return tuple(sorted(names))


def rows_of(
    store: PhotoStore,
    where: Sequence[Filter],
    on_progress: Callable[[int], None],
    *,
    vectors: bool,
) -> Iterator[Rows]:
    """The photos that satisfy the filters, each once, with their vectors where these are wanted.

    They come some at a time; `on_progress` hears how many photos of the index were looked at.
    """
    seen = Seen()
    looked_at = 0
    for ids in _parts(store.ids()):
        new = [photo_id for photo_id in ids if key_of(photo_id) not in seen]
        for photo_id in new:
            seen.add(key_of(photo_id))
        stored = store.get(new)
        wanted = {key: each for key, each in stored.items() if matches(where, each)}
        found = store.vectors(wanted) if vectors else {}
        if vectors:  # of one that is deleted meanwhile there is none
            wanted = {key: each for key, each in wanted.items() if key in found}
        looked_at += len(new)
        if wanted:
            yield list(wanted.values()), [found[key] for key in wanted] if vectors else []
        on_progress(looked_at)


def _parts(pages: Iterable[Sequence[str]]) -> Iterator[list[str]]:
    """The ids of all pages, `AT_ONCE` at a time."""
    ids = (photo_id for page in pages for photo_id in page)
    while some := list(islice(ids, AT_ONCE)):
        yield some
