"""Where the runs that fill an index write down what they must know next time.

That is what each source has listed (`sources`), which photos were deleted on purpose
(`tombstones`), what people said of hits (`clicks`), at which the encoder died (`crashes`, and on
the run's own machine `underway`), when workers last listed a bucket as a whole (`sweeps`), and from
how much above chance on a match is good (`limits`). It lies beside the index where an engine has
room for it, else in a folder of its own.
"""

from __future__ import annotations

from photoseek.files.filestore import FileStore, open_files
from photoseek.helpers.idset import key_of
from photoseek.store.registry import canonical, plain_engine

DEFAULT_PLACE = "data/state"
"""Where notes of indexes lie that have no room for them beside."""


def run_state(index: str, state: str | None = None) -> FileStore:
    """The place of the notes for an index; where it is not the index's own, it is made ready.

    `state` is a folder or s3:// prefix for the notes of all indexes, each in a folder of its own;
    by default they lie beside the index, or in `data/state`.

    Raises:
        StoreError, StorageError: a location makes no sense.
    """
    place = state_place(index, state)
    if state is not None or state_beside(index) is None:
        place.prepare()
    return place


def state_place(index: str, state: str | None = None) -> FileStore:
    """The same place for who only reads there: nothing is made.

    Raises:
        StoreError, StorageError: a location makes no sense.
    """
    beside = state_beside(index) if state is None else None
    if beside is not None:
        return beside
    name = f"{key_of(canonical(index)):016x}"
    return open_files(f"{(state or DEFAULT_PLACE).rstrip('/')}/{name}")


def state_beside(index: str) -> FileStore | None:
    """The place of the notes beside an index, if its engine has room for them there.

    Raises:
        StoreError: the location makes no sense.
    """
    return plain_engine(index).run_state(index)
