"""What lies beside an index that is in use: one of another model, older or unfinished."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from photoseek.errors import StoreError
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.helpers.told_sizes import gigabytes
from photoseek.identity import same_vectors
from photoseek.indexing.reindex_claim import claimed
from photoseek.records import ModelIdentity
from photoseek.settings import IndexSettings
from photoseek.store import canonical, is_folder, no_index, open_store, peek_model
from photoseek.store.beside import REINDEXED
from photoseek.store.failures import writing
from photoseek.store.naming import ReindexingEngine
from photoseek.store.registry import plain_engine
from photoseek.store.run_state import run_state
from photoseek.store.switching import reindexing_engine

_RECORD_BYTES = 4_000
"""What a photo takes beside its vector, with the files that joining leaves for some minutes."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The index beside the one in use, and whether that was in use before; without a model there is
    nothing in it yet.
    """

    location: str
    model: ModelIdentity | None
    was_in_use: bool


def beside(settings: IndexSettings) -> Beside | None:
    """What lies beside the index of the settings, if anything does.

    Raises:
        StoreError: there is no index, or its store can hold no other one beside it.
    """
    location = settings.index
    engine = reindexing_engine(location, settings)
    if peek_model(location, settings) is None:
        raise no_index(location)
    there = engine.generations(location)
    for other in there.others:
        return Beside(other, peek_model(other, settings), other == there.before)
    return None


def second_index(settings: IndexSettings) -> Beside | None:
    """What lies beside the index of the settings; None also where no other one can.

    Raises:
        StoreError: that cannot be read.
    """
    if not isinstance(plain_engine(settings.index), ReindexingEngine):
        return None
    found = beside(settings)
    return None if found is None or found.location == canonical(settings.index) else found


def model_to_go_back_to(settings: IndexSettings) -> ModelIdentity:
    """The model of the index that was in use before.

    Raises:
        StoreError: there is none.
    """
    location, other = settings.index, beside(settings)
    if other is None or not other.was_in_use or other.model is None:
        unfinished = "" if other is None else " The one beside it is unfinished."
        raise StoreError(
            f"There is no index to go back to from the one at {location}.{unfinished} Make one of "
            f"another model with: {command('reindex')} --index {quoted(location)} --model NAME"
        )
    return other.model


def check_way_back(settings: IndexSettings, wanted: ModelIdentity, there: ModelIdentity) -> None:
    """Look whether the model that is there by its name is the one to go back to.

    Raises:
        StoreError: it has other weights by now, as a folder may.
    """
    if not same_vectors(wanted, there):
        raise StoreError(
            f"The index of before, beside {settings.index}, was made with other weights of the "
            f"model '{wanted.name}' ({wanted.fingerprint}) than those that are there now "
            f"({there.fingerprint}), and no text could be looked for in it. Put those weights back "
            "and run the same command again; the index in use is as it was."
        )


def drop_other(settings: IndexSettings) -> Beside:
    """Remove the index beside the one in use: the one of before, or an unfinished one.

    Raises:
        StoreError: there is none, a reindex is at work, or one has ended at this moment.
    """
    location, other = settings.index, beside(settings)
    if other is None:
        raise StoreError(f"There is no other index beside the one at {location} to remove.")
    engine, place = reindexing_engine(location, settings), run_state(location, settings.state)
    with claimed(location, place, settings, makes_room=True), writing(location):
        if beside(settings) != other:  # it may be the one in use by now
            raise StoreError(
                f"What lies beside the index at {location} has changed at this moment, and nothing "
                "was removed. Run the same command again."
            )
        engine.drop(location, other.location)
        place.remove([each.name for each in place.entries(f"{REINDEXED}/rough/")])
    return other


def target_of(engine: ReindexingEngine, settings: IndexSettings, model: ModelIdentity) -> str:
    """The index of a model beside the one in use; an empty one is made where there is none.

    Raises:
        StoreError: one of a third model is there, or there is no room for it.
    """
    location, other = settings.index, beside(settings)
    if other is None:
        _check_room(settings, model)
        return engine.begin(location, model)
    if other.model is not None and not same_vectors(other.model, model):
        what = "the index of before" if other.was_in_use else "an unfinished index"
        raise StoreError(
            f"Beside the index at {location} lies {what}, of the model '{other.model.name}' "
            f"({other.model.fingerprint}). There is room for one. Remove it first: "
            f"{command('reindex')} --index {quoted(location)} --drop-old"
        )
    open_store(other.location, model, settings)  # which makes it where a kill came before that
    return engine.fence(location, other.location)  # a run that was taken over may sleep


def same_model(location: str, model: ModelIdentity, given: str) -> StoreError:
    """What to raise where the index is of that model already; `given` is what it was called."""
    if given != model.name:
        return StoreError(
            f"The index at {location} is of the model '{model.name}', and '{given}' has the same "
            "weights: photos would get the vectors that they have, and nothing needs to be made "
            "again. If its tokenizer is another one, name it where you search, and texts are read "
            f"by that: {command('search')} --index {quoted(location)} --model {quoted(given)}"
        )
    return StoreError(
        f"The index at {location} is of the model '{model.name}' already, with the same weights. "
        f"Name another one: {command('reindex')} --index {quoted(location)} --model NAME"
    )


def _check_room(settings: IndexSettings, model: ModelIdentity) -> None:
    location = settings.index
    if not is_folder(location):
        return
    photos = open_store(location, settings=settings).count()
    needed = photos * (2 * 4 * model.dimensions + _RECORD_BYTES)
    free = shutil.disk_usage(Path(location).expanduser()).free
    if needed > free:
        raise StoreError(
            f"An index of {photos:,} photos with the model '{model.name}' takes up to "
            f"{gigabytes(needed)} beside the one at {location}, and its disk has "
            f"{gigabytes(free)} left. Make room, and run the same command again."
        )
