"""Opening an index, or making an empty one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photoseek.errors import DamagedStoreError, ModelMismatchError, StoreError
from photoseek.records import ModelIdentity
from photoseek.store.failures import reading, writing
from photoseek.store.folder import TABLE, IndexFolder
from photoseek.store.schema import model_of, new_schema

if TYPE_CHECKING:
    from photoseek.store.base import PhotoStore


def open_store(location: str | Path, model: ModelIdentity | None = None) -> PhotoStore:
    """The index in a folder; an empty one is made where there is none and a model is given.

    Raises `ModelMismatchError` when it was made with another model, `StoreVersionError` when a
    newer photoseek made it, `DamagedStoreError` when the folder holds something else or cannot
    be read, `StoreWriteError` when an empty one cannot be made, and `StoreError` when there is
    none and no model is given.
    """
    folder = _folder(location)
    if _is_free(folder):
        if model is None:
            raise no_index(folder.location)
        _create(folder, model)
    table = _open_table(folder)
    found = model_of(table.schema, folder.location)
    if model is not None and model != found:
        raise _mismatch(folder.location, found, model)
    from photoseek.store.lance import LanceStore

    return LanceStore(folder, table, found)


def peek_model(location: str | Path) -> ModelIdentity | None:
    """The model that an index was made with, or None where there is no index yet.

    Raises as `open_store` does for a folder that holds something else.
    """
    folder = _folder(location)
    if _is_free(folder):
        return None
    return model_of(_open_table(folder).schema, folder.location)


def no_index(location: str | Path) -> StoreError:
    """What to raise where an index is needed and `peek_model` finds none."""
    return StoreError(
        f"There is no index at {location} yet. "
        "Make one with: python app.py -t index --source FOLDER"
    )


def other_model(location: str | Path, made_with: str, given: str) -> ModelMismatchError:
    """What to raise where a model is named and the index was made with another one."""
    return ModelMismatchError(
        f"The index at {location} was made with the model '{made_with}'; this run uses "
        f"'{given}'. Use --model {made_with}, or choose another --index."
    )


def _folder(location: str | Path) -> IndexFolder:
    if "://" in str(location):
        raise StoreError(f"An index lives in a folder on this machine; got {location}.")
    return IndexFolder(Path(location).expanduser().absolute())


def _is_free(folder: IndexFolder) -> bool:
    with reading(folder.location):
        if folder.is_free():
            return True
        if folder.has_table():
            return False
    raise DamagedStoreError(
        f"{folder.location} holds other things and no index. Choose an empty or new folder "
        "with --index."
    )


def _create(folder: IndexFolder, model: ModelIdentity) -> None:
    import lancedb

    with writing(folder.location):
        folder.prepare()
        with folder.writer():
            # Another process may have made it while we waited.
            if not folder.has_table():
                database = lancedb.connect(folder.database_uri)
                database.create_table(TABLE, schema=new_schema(model))


def _open_table(folder: IndexFolder) -> Any:
    import lancedb

    with reading(folder.location):
        # No interval: every read sees what was committed before it began, at 0.3 ms each.
        database = lancedb.connect(folder.database_uri, read_consistency_interval=timedelta(0))
        try:
            return database.open_table(TABLE)
        except ValueError as error:  # LanceDB finds no manifest, or one that it cannot read
            raise DamagedStoreError(
                f"The index at {folder.location} has lost the list of its files. "
                "Restore it from a backup, or remove the folder and index again."
            ) from error


def _mismatch(location: str, found: ModelIdentity, given: ModelIdentity) -> ModelMismatchError:
    if found.name != given.name:
        return other_model(location, found.name, given.name)
    if found.dimensions != given.dimensions:
        return ModelMismatchError(
            f"The index at {location} holds vectors of {found.dimensions} dimensions; the model "
            f"'{given.name}' now makes {given.dimensions}. Choose another --index and index again."
        )
    return ModelMismatchError(
        f"The index at {location} was made with other weights of the model '{found.name}' "
        f"({found.fingerprint}; this run has {given.fingerprint}). Bring those weights back, or "
        "choose another --index and index again."
    )
