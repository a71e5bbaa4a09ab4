"""The Arrow table of photos: its columns, whose it is, and the way of a photo in and out.

`record` holds all that is given back of a photo. The columns beside it are to find photos by.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from photoseek.errors import DamagedStoreError, StoreVersionError
from photoseek.records import (
    EncodedPhoto,
    KnownPhoto,
    ModelIdentity,
    StoredPhoto,
    Vector,
)
from photoseek.store.escaping import from_text
from photoseek.store.lance.columns import column_values, new_columns
from photoseek.store.lance.rewording import fields_of, new_words, words_column
from photoseek.store.moments import moment_of
from photoseek.store.record_json import encoded_of, from_record, stored_of, to_record

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 2
"""Raised when the columns change so that an older photoseek could not read them.

A column more for a new field (`photoseek.store.lance.columns`) is no such change.
"""

KNOWN_COLUMNS = ("id", "fingerprint", "content_hash", "keep")
ENCODED_COLUMNS = ("record", "keep", "indexed_at", "vector")
_OF_FORMAT_2 = frozenset(
    (
        *("id", "record", "words", "uri", "caption", "photographer", "licence", "source_url"),
        *("taken", "content_hash", "fingerprint", "keep", "tags", "tag_keys", "colours"),
        *("width", "height", "indexed_at", "vector"),
    )
)

_METADATA_KEY = b"photoseek"
_AT_ONCE = 256  # vectors that are brought to unit length in float64
# Lance refuses a merge that races with another one for the same new ids, if told what the ids are.
_PRIMARY_KEY = {b"lance-schema:unenforced-primary-key:position": b"1"}


def new_schema(model: ModelIdentity) -> pa.Schema:
    """The schema of an empty table for vectors of that model."""
    import pyarrow as pa

    def text(name: str) -> pa.Field:
        return pa.field(name, pa.string(), nullable=False)

    fields = [
        pa.field("id", pa.string(), nullable=False, metadata=_PRIMARY_KEY),
        text("record"),
        new_words(),
        *map(text, ("fingerprint", "keep")),
        *(column for column in new_columns() if column.name != "id"),
        pa.field("indexed_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("vector", pa.list_(pa.float32(), model.dimensions), nullable=False),
    ]
    identity = {
        "format": FORMAT,
        "model": model.name,
        "fingerprint": model.fingerprint,
        "dimensions": model.dimensions,
    }
    return pa.schema(fields, metadata={_METADATA_KEY: json.dumps(identity).encode()})


def model_of(schema: pa.Schema, location: str) -> ModelIdentity:
    """Which model a table was made with.

    Raises:
        StoreVersionError: it has another format than ours.
        DamagedStoreError: it is not a table of ours.
    """
    try:
        identity = json.loads((schema.metadata or {})[_METADATA_KEY])
        written, name = int(identity["format"]), str(identity["model"])
        model = ModelIdentity(name, str(identity["fingerprint"]), int(identity["dimensions"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedStoreError(
            f"The table at {location} was not made by photoseek. Choose another --index."
        ) from error
    if written > FORMAT:
        raise StoreVersionError(
            f"The index at {location} has format {written}; this photoseek reads format {FORMAT}. "
            "Upgrade photoseek, or choose another --index."
        )
    if written < FORMAT:
        raise StoreVersionError(
            f"The index at {location} has format {written}, of an older photoseek; this one reads "
            f"format {FORMAT}. Index your photos again into a new folder, with --index."
        )
    missing = _OF_FORMAT_2 - set(schema.names)
    if missing or schema.field("vector").type.list_size != model.dimensions:
        raise DamagedStoreError(
            f"The table at {location} lacks columns that photoseek needs. "
            "Restore it from a backup, or remove the folder and index again."
        )
    return model


def to_table(photos: Iterable[EncodedPhoto], schema: pa.Schema) -> pa.Table:
    """Rows for photos; those without a time are stamped with this one."""
    import pyarrow as pa

    photos = list(photos)
    columns = _columns(list(map(stored_of, photos)), fields_of(schema))
    columns["keep"] = [encoded.keep for encoded in photos]
    now = datetime.now(UTC)
    columns["indexed_at"] = [encoded.indexed_at or now for encoded in photos]
    flat = np.concatenate([encoded.vector for encoded in photos]).astype(np.float32, copy=False)
    dimensions = schema.field("vector").type.list_size
    columns["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(flat), dimensions)
    return pa.table(columns, schema=schema)


def revised(
    rows: pa.Table,
    revise: Callable[[StoredPhoto], StoredPhoto | None],
    keyword_fields: Sequence[str],
) -> pa.Table:
    """Those of the rows of which something is made, with that; a photo is left alone for None."""
    import pyarrow as pa

    made = [revise(from_record(each)) for each in rows["record"].to_pylist()]
    changed = [stored for stored in made if stored is not None]
    rows = rows.filter(pa.array([stored is not None for stored in made], pa.bool_()))
    return _with_columns(rows, _columns(changed, keyword_fields))


def to_encoded(rows: pa.Table) -> dict[str, EncodedPhoto]:
    """The photos in rows with all of `ENCODED_COLUMNS`, by id."""
    import pyarrow as pa

    times = rows["indexed_at"].cast(pa.int64()).to_pylist()
    photos = zip(rows["record"].to_pylist(), rows["keep"].to_pylist(), times, strict=True)
    found = {}
    for (record, keep, time), vector in zip(photos, to_matrix(rows), strict=True):
        stored = from_record(record, keep=keep)
        encoded = replace(encoded_of(stored, vector.copy()), indexed_at=moment_of(time))
        found[stored.photo.id] = encoded
    return found


def to_known(row: Mapping[str, Any]) -> KnownPhoto:
    """What a row says of a photo that may have to be encoded."""
    return KnownPhoto(row["fingerprint"], row["content_hash"], row["keep"])


def to_vectors(rows: pa.Table) -> dict[str, Vector]:
    """The vectors in rows by id; each is a copy, free to be changed."""
    ids = rows["id"].to_pylist()
    return {
        from_text(text): vector.copy() for text, vector in zip(ids, to_matrix(rows), strict=True)
    }


def to_matrix(rows: pa.Table) -> NDArray[np.float32]:
    """The vectors in rows, shape (rows, dimensions)."""
    vectors = rows["vector"].combine_chunks()
    flat = np.asarray(vectors.flatten(), dtype=np.float32)
    return flat.reshape(len(vectors), vectors.type.list_size)


def to_unit_matrix(rows: pa.Table) -> NDArray[np.float32]:
    """The same at unit length."""
    vectors = np.empty((len(rows), rows.schema.field("vector").type.list_size), np.float32)
    for start in range(0, len(rows), _AT_ONCE):
        wide = to_matrix(rows.slice(start, _AT_ONCE)).astype(np.float64)
        vectors[start : start + _AT_ONCE] = wide / np.linalg.norm(wide, axis=1, keepdims=True)
    return vectors


def _with_columns(rows: pa.Table, columns: Mapping[str, list[Any]]) -> pa.Table:
    import pyarrow as pa

    for name, values in columns.items():
        field = rows.schema.field(name)
        column = pa.array(values, field.type)
        rows = rows.set_column(rows.schema.get_field_index(name), field, column)
    return rows


def _columns(stored: Sequence[StoredPhoto], keyword_fields: Sequence[str]) -> dict[str, list[Any]]:
    """What describes photos, in all columns that hold some of it."""
    photos = [each.photo for each in stored]
    columns = column_values(stored)
    columns["fingerprint"] = [photo.fingerprint for photo in photos]
    columns["words"] = [words_column(each, keyword_fields) for each in stored]
    columns["record"] = list(map(to_record, stored))
    return columns
