"""Photos to and from rows of a collection, and what a collection of ours is.

A collection says in a property which model made its vectors. Rows hold what is searched and
filtered by; everything that is given back of a photo is one text of JSON, in pieces because Milvus
takes texts of 65,535 bytes only.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np

from photoseek.errors import DamagedStoreError, StoreError, StoreVersionError
from photoseek.records import (
    EncodedPhoto,
    Keep,
    KnownPhoto,
    ModelIdentity,
    StoredPhoto,
    Vector,
)
from photoseek.store.fulltext import words_of
from photoseek.store.milvus.milvus_expressions import PIXELS, key_of_id, marks_of
from photoseek.store.moments import microseconds_of, moment_of
from photoseek.store.record_json import encoded_of, from_record, stored_of, to_record
from photoseek.store.word_forms import words_in

FORMAT = 1
WORDS = "words"
"""A column that collections lack whose server knew no keywords when they were made."""
_PROPERTY = "photoseek"
LONGEST_TEXT = 65_535
MOST_MARKS = 4_096
_PIECE = 60_000
_MOST_PIECES = 1_024

SHOWN = ("record", "keep", "indexed_at")
KNOWN = ("record", "content_hash", "fingerprint", "keep", "indexed_at")
ENCODED = ("record", "keep", "vector", "indexed_at")
ALL_BUT_WORDS = (
    *("key", "vector", "marks", "width", "height", "taken", "indexed_at", "written_at"),
    *("content_hash", "fingerprint", "keep", "record"),
)


@dataclass(frozen=True, slots=True)
class Writing:
    """One write: when, in microseconds, in which columns, and with the words of which fields."""

    at: int
    columns: Collection[str]
    keyword_fields: Sequence[str]


def add_columns(schema: Any, dimensions: int, *, has_words: bool) -> None:
    """Add all columns to a schema of pymilvus."""
    from pymilvus import DataType

    text = DataType.VARCHAR
    schema.add_field("key", text, is_primary=True, max_length=32)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
    schema.add_field("marks", DataType.ARRAY, element_type=DataType.INT64, max_capacity=MOST_MARKS)
    for name in ("width", "height", PIXELS, "indexed_at", "written_at"):
        schema.add_field(name, DataType.INT64)
    for name in ("taken", "content_hash", "fingerprint", "keep"):
        schema.add_field(name, text, max_length=32)
    schema.add_field(
        "record", DataType.ARRAY, element_type=text, max_length=_PIECE, max_capacity=_MOST_PIECES
    )
    if has_words:
        _add_words(schema)


def _add_words(schema: Any) -> None:
    from pymilvus import DataType, Function, FunctionType

    # What is stored there are words without case and accents, so no filter changes them further.
    analyzer = {"tokenizer": "standard"}
    schema.add_field(
        "words",
        DataType.VARCHAR,
        max_length=LONGEST_TEXT,
        enable_analyzer=True,
        analyzer_params=analyzer,
    )
    schema.add_field("relevance", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="relevance_of_words",
            function_type=FunctionType.BM25,
            input_field_names=["words"],
            output_field_names=["relevance"],
        )
    )


def properties_of(model: ModelIdentity) -> dict[str, str]:
    """What a collection says of itself."""
    about = {"name": model.name, "fingerprint": model.fingerprint, "dimensions": model.dimensions}
    return {_PROPERTY: json.dumps({"format": FORMAT, "model": about})}


def model_of(properties: Mapping[str, str], location: str) -> ModelIdentity:
    """The model that `properties_of` was given.

    Raises:
        StoreVersionError: a newer photoseek has made the collection.
        DamagedStoreError: something else has made it.
    """
    try:
        about = json.loads(properties[_PROPERTY])
        made_by, model = about["format"], about["model"]
        found = ModelIdentity(model["name"], model["fingerprint"], int(model["dimensions"]))
    except (ValueError, KeyError, TypeError):
        raise DamagedStoreError(
            f"{location} is a collection that something else has made, and no index. Choose "
            "another name with --index."
        ) from None
    if made_by != FORMAT:
        raise StoreVersionError(
            f"The index at {location} has the format {made_by}; this photoseek reads {FORMAT}. "
            "Use the photoseek that made it, or choose another --index."
        )
    return found


def row_of(encoded: EncodedPhoto, writing: Writing) -> dict[str, Any]:
    """The row of a photo that is indexed.

    Raises:
        StoreError: the photo has more labels than Milvus takes.
    """
    row = {
        "key": key_of_id(encoded.photo.id),
        "vector": np.array(encoded.vector, np.float32),
        "indexed_at": microseconds_of(encoded.indexed_at) if encoded.indexed_at else writing.at,
        "keep": encoded.keep,
    }
    return row | _described(stored_of(encoded), writing)


def reworded(row: Mapping[str, Any], stored: StoredPhoto, writing: Writing) -> dict[str, Any]:
    """A stored row with something else known of its photo, or with new words alone.

    Raises:
        StoreError: as `row_of` does.
    """
    kept = {name: row[name] for name in ("key", "indexed_at", "keep")}
    return {**kept, "vector": vector_in(row), **_described(stored, writing)}


def words_column(stored: StoredPhoto, fields: Sequence[str]) -> str:
    """The words of a photo with spaces between, as far as Milvus takes them."""
    words = " ".join(words_in(words_of(stored, fields))).encode()
    cut = words[: LONGEST_TEXT + 1].rpartition(b" ")[0] if len(words) > LONGEST_TEXT else words
    return cut.decode(errors="ignore")


def stored_in(row: Mapping[str, Any]) -> StoredPhoto:
    """The photo of a row, without what is kept of it."""
    return from_record("".join(row["record"]))


def kept_in(row: Mapping[str, Any]) -> StoredPhoto:
    """The photo of a row, with what is kept of it."""
    since = moment_of(int(row["indexed_at"]))
    return replace(stored_in(row), keep=_keep(row), indexed_at=since)


def encoded_in(row: Mapping[str, Any]) -> EncodedPhoto:
    """The photo of a row with all of `ENCODED`, as it was given, without its blobs."""
    stored = kept_in(row)
    return replace(encoded_of(stored, vector_in(row)), indexed_at=stored.indexed_at)


def known_in(row: Mapping[str, Any]) -> KnownPhoto:
    """What is known of the photo of a row."""
    return KnownPhoto(row["fingerprint"], row["content_hash"], _keep(row))


def vector_in(row: Mapping[str, Any]) -> Vector:
    """The vector of a row."""
    return np.array(row["vector"], np.float32)


def _keep(row: Mapping[str, Any]) -> Keep:
    found: Keep = next(each for each in get_args(Keep) if each == row["keep"])
    return found


def _described(stored: StoredPhoto, writing: Writing) -> dict[str, Any]:
    record, marks = to_record(stored), marks_of(stored)
    if len(marks) > MOST_MARKS or len(record) > _PIECE * _MOST_PIECES:
        raise StoreError(
            f"The photo '{stored.photo.id}' has {len(marks):,} tags and columns; an index in "
            f"Milvus takes {MOST_MARKS:,} of one photo. Leave some out."
        )
    described = {
        "marks": marks,
        "width": stored.width,
        "height": stored.height,
        "taken": stored.traits.taken.encode("ascii", "ignore")[:32].decode(),
        "written_at": writing.at,
        "content_hash": stored.content_hash,
        "fingerprint": stored.photo.fingerprint,
        "record": _pieces(record),
    }
    if PIXELS in writing.columns:
        described[PIXELS] = stored.width * stored.height
    if WORDS in writing.columns:
        described["words"] = words_column(stored, writing.keyword_fields)
    return described


def _pieces(text: str) -> list[str]:
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]


def in_batches(rows: Iterable[dict[str, Any]], most_bytes: int) -> Iterable[list[dict[str, Any]]]:
    """The rows in lists that one request takes."""
    batch: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        bytes_of_row = row["vector"].nbytes + 8 * len(row["marks"]) + sum(map(len, row["record"]))
        bytes_of_row += len(row.get("words", "")) + 300
        if batch and size + bytes_of_row > most_bytes:
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += bytes_of_row
    if batch:
        yield batch
