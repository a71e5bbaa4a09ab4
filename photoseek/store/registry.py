"""Opening an index, or making an empty one."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photoseek.errors import (
    DamagedStoreError,
    MissingStoreError,
    ModelMismatchError,
    StorageError,
    StoreError,
)
from photoseek.identity import activation, is_mistaken, same_vectors
from photoseek.records import ModelIdentity
from photoseek.store.blobs import Contents
from photoseek.store.lance.lance_errors import reading, unreachable, writing
from photoseek.store.lance.layout import TABLE, IndexHome
from photoseek.store.lance.local_layout import IndexFolder
from photoseek.store.lance.maintenance import index_words
from photoseek.store.lance.schema import model_of, new_schema

if TYPE_CHECKING:
    from photoseek.store.base import PhotoStore


def open_store(location: str | Path, model: ModelIdentity | None = None) -> PhotoStore:
    """The index in a folder or at s3://bucket/prefix; given a model, an empty one if there is none.

    Raises `ModelMismatchError` when it was made with another model, `StoreVersionError` when it has
    a format that this photoseek does not read, `DamagedStoreError` when the folder holds something
    else or cannot be read, `StoreWriteError` when an empty one cannot be made, and `StoreError`
    when there is none and no model is given.
    """
    home = _home(location)
    if _is_free(home):
        if model is None:
            raise no_index(home.location)
        _create(home, model)
    table = _open_table(home)
    found = model_of(table.schema, home.location)
    if model is not None and not same_vectors(found, model):
        raise _mismatch(home.location, found, model)
    from photoseek.store.lance.store import LanceStore

    return LanceStore(home, table, found)


def peek_model(location: str | Path) -> ModelIdentity | None:
    """The model that an index was made with, or None where there is no index yet.

    Raises as `open_store` does for a folder that holds something else.
    """
    home = _home(location)
    if _is_free(home):
        return None
    return model_of(_open_table(home).schema, home.location)


def open_thumbnails(location: str | Path) -> Contents:
    """The thumbnails of an index by the content hashes of the photos, without opening the index.

    There may be no index yet. It takes a tenth of the time of `PhotoStore.thumbnail`, which must
    look the photo up. Raises `StoreError` for a location that no index can have.
    """
    return _home(location).thumbnails


def open_originals(location: str | Path) -> Contents:
    """The originals that an index keeps, as `open_thumbnails` gives its thumbnails."""
    return _home(location).originals


def no_index(location: str | Path) -> StoreError:
    """What to raise where an index is needed and `peek_model` finds none."""
    return StoreError(
        f"There is no index at {location} yet. "
        "Make one with: python app.py -t index --source FOLDER"
    )


def missing_index(location: str | Path) -> MissingStoreError:
    """What to raise where an index was open and is gone."""
    return MissingStoreError(
        f"The index at {location} is gone: it was removed, or its disk or bucket is away. Put it "
        "back, or make a new one with: python app.py -t index --source FOLDER"
    )


def other_model(location: str | Path, made_with: str, given: str) -> ModelMismatchError:
    """What to raise where a model is named and the index was made with another one."""
    return ModelMismatchError(
        f"The index at {location} was made with the model '{made_with}'; this run uses "
        f"'{given}'. Use --model {made_with}, or choose another --index."
    )


def mistaken_vectors(location: str | Path, made_with: ModelIdentity) -> ModelMismatchError:
    """What to raise where an older photoseek ran the model of an index the wrong way."""
    new = shlex.quote(f"{str(location).rstrip('/')}-new")
    return ModelMismatchError(
        f"The index at {location} was made by an older photoseek, which ran the model "
        f"'{made_with.name}' with the wrong activation (GELU or QuickGELU): its vectors do not "
        "fit those of this one. Index again into a new folder: python app.py -t index "
        f"--source FOLDER --model {shlex.quote(made_with.name)} --index {new}"
    )


def same_index(first: str | Path, second: str | Path) -> bool:
    """Whether both name the same place; links are followed."""
    if "://" in f"{first}{second}":
        return str(first).rstrip("/") == str(second).rstrip("/")
    return Path(first).expanduser().resolve() == Path(second).expanduser().resolve()


def _home(location: str | Path) -> IndexHome:
    if str(location).lower().startswith("s3://"):
        from photoseek.store.lance.s3_layout import (
            IndexBucket,  # boto3 takes half a second to import
        )

        try:
            return IndexBucket(str(location))
        except StorageError as error:
            raise StoreError(str(error)) from error
    if "://" in str(location):
        raise StoreError(f"An index lives in a folder or at s3://BUCKET/PREFIX; got {location}.")
    return IndexFolder(Path(location).expanduser().absolute())


def _is_free(home: IndexHome) -> bool:
    with reading(home.location):
        if home.is_free():
            return True
        if home.has_table():
            return False
    raise DamagedStoreError(
        f"{home.location} holds other things and no index. Choose an empty or new folder "
        "with --index."
    )


def _create(home: IndexHome, model: ModelIdentity) -> None:
    with writing(home.location):
        home.prepare()
        with home.writer():
            # Another process may have made it while we waited, or may be making it just now.
            if not home.has_table():
                try:
                    table = home.connect().create_table(TABLE, schema=new_schema(model))
                    index_words(table)
                except (ValueError, RuntimeError):
                    if not home.has_table():
                        raise


def _open_table(home: IndexHome) -> Any:
    with reading(home.location):
        try:
            return home.connect().open_table(TABLE)
        except ValueError as error:  # LanceDB finds no manifest, or one that it cannot read
            if reason := unreachable(error):
                raise StoreError(f"The index at {home.location}: {reason}") from error
            raise DamagedStoreError(
                f"The index at {home.location} has lost the list of its files. "
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
        "choose another --index and index again."
    )
