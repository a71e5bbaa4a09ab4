"""What to raise where an index is missing, gone, or made with another model."""

from __future__ import annotations

from pathlib import Path

from photoseek.errors import MissingStoreError, ModelMismatchError, QueryError, StoreError
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.identity import activation, is_mistaken
from photoseek.records import ModelIdentity


def no_index(location: str | Path, *, instead: str = "") -> StoreError:
    """What to raise where an index is needed and `peek_model` finds none.

    `instead` is a sentence on another one that may be meant.
    """
    told = f"There is no index at {location} yet."
    make = f"Make one with: {command('index')} --source FOLDER"
    return StoreError(" ".join(filter(None, (told, instead, make))))


def unknown_photo(photo_id: str) -> QueryError:
    """What to raise where the index has no photo of that id."""
    return QueryError(f"No photo in the index has the id {photo_id!r}.")


def missing_index(location: str | Path) -> MissingStoreError:
    """What to raise where an index was open and is gone."""
    return MissingStoreError(
        f"The index at {location} is gone: it was removed, or its disk or bucket is away. Put it "
        f"back, or make a new one with: {command('index')} --source FOLDER"
    )


def other_model(location: str | Path, made_with: str, given: str) -> ModelMismatchError:
    """What to raise where a model is named and the index was made with another one."""
    return ModelMismatchError(
        f"The index at {location} was made with the model '{made_with}'; this run uses "
        f"'{given}'. Use --model {made_with}, choose another --index, or make it again with that "
        f"model: {command('reindex')} --index {quoted(str(location))} --model {quoted(given)}"
    )


def mistaken_vectors(location: str | Path, made_with: ModelIdentity) -> ModelMismatchError:
    """What to raise where an older photoseek ran the model of an index the wrong way."""
    return ModelMismatchError(
        f"The index at {location} was made by an older photoseek, which ran the model "
        f"'{made_with.name}' with the wrong activation (GELU or QuickGELU): its vectors do not "
        f"fit those of this one. Make it again: {command('reindex')} --index "
        f"{quoted(str(location))} --model {quoted(made_with.name)}"
    )


def other_vectors(location: str, found: ModelIdentity, given: ModelIdentity) -> ModelMismatchError:
    """What to raise where the vectors of an index are not those that the given model makes."""
    if found.name != given.name:
        return other_model(location, found.name, given.name)
    if found.dimensions != given.dimensions:
        return ModelMismatchError(
            f"The index at {location} holds vectors of {found.dimensions} dimensions; the model "
            f"'{given.name}' now makes {given.dimensions}. Choose another --index and index again."
        )
    if is_mistaken(found):
        return mistaken_vectors(location, found)
    if activation(found) and found.fingerprint[:16] == given.fingerprint[:16]:
        return ModelMismatchError(
            f"The index at {location} was made when the model '{found.name}' had other settings: "
            "another activation or pooling, or other pictures, by its configuration "
            f"({found.fingerprint}; this run has {given.fingerprint}). Bring them back, or choose "
            "another --index and index again."
        )
    return ModelMismatchError(
        f"The index at {location} was made with other weights of the model '{found.name}' "
        f"({found.fingerprint}; this run has {given.fingerprint}). Bring those weights back, or "
        f"make it again with these: {command('reindex')} --index {quoted(str(location))} --model "
        f"{quoted(given.name)}"
    )
