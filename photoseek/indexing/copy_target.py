"""Where an index may be copied to, and what stands beside its photos.

A copy is noted beside the target in an inventory of the source (`photoseek.indexing.inventory`), so
that only what came from there is ever taken out again.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path

import numpy as np

from photoseek.errors import DamagedStoreError, ModelMismatchError, StoreError
from photoseek.files.filestore import FileStore
from photoseek.helpers.idset import key_of
from photoseek.identity import same_vectors
from photoseek.indexing.inventory import Inventory, Keys
from photoseek.settings import EngineSettings
from photoseek.store import PhotoStore, canonical, is_in_engine, open_store, peek_model
from photoseek.store.beside import COPIES, CRASHES, SOURCES, TEXT_CRASHES, TOMBSTONES
from photoseek.store.failures import reading, writing
from photoseek.store.run_state import run_state, state_beside

_COPIED = (SOURCES, TOMBSTONES, CRASHES, TEXT_CRASHES)
"""The notes of runs that belong to the library, wherever it lies."""

_ATTEMPTS = 20


def open_target(
    source: PhotoStore, place: str, settings: EngineSettings | None = None
) -> PhotoStore:
    """The index at a place that may become a copy of the source; an empty one where none is.

    Raises:
        StoreError: it lies in the same place as the source, or one of them in the other.
        ModelMismatchError: it has vectors of another model.
    """
    _check_apart(source.location, place)
    found = peek_model(place, settings)
    if found is None:
        return open_store(place, source.model, settings)
    if not same_vectors(found, source.model):
        raise ModelMismatchError(
            f"The index at {place} holds vectors of the model '{found.name}' ({found.fingerprint}),"
            f" and the one at {source.location} those of '{source.model.name}' "
            f"({source.model.fingerprint}). Copy to an empty or new place."
        )
    return open_store(place, settings=settings)


def copy_inventory(source: PhotoStore, target: PhotoStore, state: str | None) -> Inventory:
    """What was copied from the source; `state` as `run_state` takes it.

    Raises:
        StoreError: the target has photos that did not come from there.
    """
    with writing(target.location):
        place = run_state(target.location, state)
        place.prepare()
        copied = Inventory(place, canonical(source.location), COPIES)
        keys = copied.keys()
    for ids in target.ids():
        others = among(ids, keys, are_in=False)
        if foreign := set(others) - source.known(others).keys():
            raise StoreError(
                f"The index at {target.location} has photos that were not copied from "
                f"{source.location}, such as {min(foreign)!r}. Nothing was changed. Copy to an "
                "empty or new place, or to one that holds a copy of this index and nothing else."
            )
    return copied


def among(ids: Sequence[str], keys: Keys, *, are_in: bool = True) -> list[str]:
    """Those of the ids whose keys are among these, or else those whose are not."""
    wanted = np.isin(np.fromiter(map(key_of, ids), np.uint64, len(ids)), keys, invert=not are_in)
    return [photo_id for photo_id, is_wanted in zip(ids, wanted, strict=True) if is_wanted]


def copy_notes(source: PhotoStore, target: PhotoStore, state: str | None) -> None:
    """Give the target what sources have listed, what was deleted on purpose, and what crashed."""
    with writing(target.location):
        place = run_state(target.location, state)
        place.prepare()
        with reading(source.location):
            origin = _place_of_notes(source.location, state)
        for folder in _COPIED:
            there = {entry.name for entry in place.entries(f"{folder}/")}
            with reading(source.location):
                names, new = _notes(origin, f"{folder}/", there)
            for name, data in new.items():
                place.write(name, data)
            place.remove(there - names)


def _place_of_notes(location: str, state: str | None) -> FileStore:
    """Where the notes of an index are: beside it still, where only the copy was given `state`."""
    place = run_state(location, state)
    beside = state_beside(location) if state is not None else None
    if beside is None or any(True for folder in _COPIED for _ in place.entries(f"{folder}/")):
        return place
    return beside


def _notes(origin: FileStore, folder: str, there: Set[str]) -> tuple[set[str], dict[str, bytes]]:
    """The names of all notes in a folder, and those that are not there, which never change."""
    for _ in range(_ATTEMPTS):
        names = {entry.name for entry in origin.entries(folder)}
        read = {name: origin.read(name) for name in names - there}
        new = {name: data for name, data in read.items() if data is not None}
        if len(new) == len(read):
            return names, new
        # A run has joined some with others: look where they went.
    raise DamagedStoreError(f"{origin.uri}/{folder} changes while it is read. Run again.")


def _check_apart(source: str, target: str) -> None:
    one, other = canonical(source), canonical(target)
    if one == other:
        raise StoreError(f"The index at {source} cannot be copied to itself. Choose another --to.")
    have_files = not any(map(is_in_engine, (source, target)))
    first, second = Path(one), Path(other)
    if have_files and (first.is_relative_to(second) or second.is_relative_to(first)):
        raise StoreError(
            f"The places {source} and {target} lie one in the other. Choose another --to, beside "
            "the index."
        )
