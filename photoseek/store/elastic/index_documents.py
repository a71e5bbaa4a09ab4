"""A photo as a document of an engine, and back.

`record` holds all that is given back of a photo. The fields beside it are to find photos by. The
vector is of unit length; one that was given with another length is in `given` as it came.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from photoseek.records import EncodedPhoto, KnownPhoto, StoredPhoto, Vector
from photoseek.store.elastic.engine_filters import is_computed, keys_field
from photoseek.store.elastic.engine_texts import digest, label, pair, term
from photoseek.store.fields import FIELDS, Field
from photoseek.store.fulltext import words_of
from photoseek.store.kinds import Date, Labels, Number, distinct
from photoseek.store.moments import Moment, microseconds_of, moment_of
from photoseek.store.record_json import encoded_of, from_record, stored_of, to_record
from photoseek.store.validation import unit
from photoseek.store.word_forms import words_in

KNOWN = ("fingerprint", "content_hash", "keep")
SHOWN = ("record", "keep", "indexed_at")
VECTOR = ("vector", "given")
WHOLE = (*SHOWN, *VECTOR)

_KEPT = tuple(field for field in FIELDS if not is_computed(field.name))
_UNIT = 1e-6
"""How far the length of a vector may be from 1, by its rounding."""


def document_id(photo_id: str) -> str:
    """The id of a photo's document: a hash, as an engine takes 512 bytes at most."""
    return digest(photo_id)


def labels_field(field: Field) -> str:
    """The field that facets of labels are counted by."""
    return f"{field.name}_labels"


def year_field(field: Field) -> str:
    """The field that facets of a date are counted by."""
    return f"{field.name}_year"


def properties() -> dict[str, Any]:
    """The fields of a document but its vector, and how each is found."""
    keyword, hidden = {"type": "keyword"}, {"type": "keyword", "index": False, "doc_values": False}
    found: dict[str, Any] = {}
    for field in _KEPT:
        if isinstance(field.kind, Labels):
            found |= {keys_field(field): keyword, labels_field(field): keyword}
        elif isinstance(field.kind, Number | Moment):
            found[field.name] = {"type": "long"}
        else:
            found[field.name] = keyword
            if isinstance(field.kind, Date):
                found[year_field(field)] = keyword
    return found | {
        "columns": keyword,
        "pairs": keyword,
        "key": keyword,
        "keep": keyword,
        "fingerprint": hidden,
        "record": {"type": "text", "index": False},
        "given": {"type": "binary"},
        "words": {"type": "text", "analyzer": "whitespace", "index_options": "freqs"},
    }


def new_document(encoded: EncodedPhoto, more: Sequence[str], now: datetime) -> str:
    """The JSON of a photo's document; `more` are the further fields with keywords."""
    document = described(stored_of(encoded), more)
    indexed_at = microseconds_of(encoded.indexed_at or now)
    document |= {"keep": encoded.keep, "indexed_at": indexed_at}
    vector = np.ascontiguousarray(encoded.vector, np.float32)
    if abs(np.linalg.norm(vector.astype(np.float64)) - 1) > _UNIT:
        document["given"] = base64.b64encode(vector.astype("<f4").tobytes()).decode()
        vector = unit(vector)
    return f'{dumps(document)[:-1]},"vector":{vector_json(vector)}}}'


def described(stored: StoredPhoto, more: Sequence[str]) -> dict[str, Any]:
    """The fields of a document that follow from what is known of a photo."""
    photo = stored.photo
    own = {name: value for name, value in photo.metadata.items() if value}
    fields: dict[str, Any] = {}
    for field in _KEPT:
        value = field.read(stored)
        if isinstance(field.kind, Labels):
            labels = distinct(value)
            fields[keys_field(field)] = [term(field.kind.key(each)) for each in labels]
            fields[labels_field(field)] = list(map(label, labels))
        elif isinstance(field.kind, Number):
            fields[field.name] = value
        elif not isinstance(field.kind, Moment):  # the store itself says when
            fields[field.name] = term(value)
            if isinstance(field.kind, Date):
                fields[year_field(field)] = value[:4]
    return fields | {
        "columns": list(map(term, own)),
        "pairs": [pair(name, value) for name, value in own.items()],
        "key": document_id(photo.id),
        "fingerprint": photo.fingerprint,
        "record": to_record(stored),
        "words": words(stored, more),
    }


def words(stored: StoredPhoto, more: Sequence[str]) -> str:
    """The words that keywords find a photo by, as `words_in` writes them, with spaces between."""
    return " ".join(words_in(words_of(stored, more)))


def dumps(document: Mapping[str, Any]) -> str:
    """A document as JSON, on one line."""
    return json.dumps(document, separators=(",", ":"))


def vector_json(vector: Vector) -> str:
    """A vector as JSON; nine digits give the same float32 again, in half the time of all digits."""
    return "[" + ",".join(["%.9g"] * len(vector)) % tuple(vector.tolist()) + "]"


def wanted(members: Sequence[str]) -> dict[str, list[str]]:
    """What asks for these members of a document.

    OpenSearch puts vectors together for each document unless they are left out by name, which
    takes four times as long as all the rest.
    """
    left_out = [] if "vector" in members else ["vector"]
    return {"includes": list(members), "excludes": left_out}


def known_of(source: Mapping[str, Any]) -> KnownPhoto:
    """What a document says of a photo that may have to be encoded."""
    return KnownPhoto(source["fingerprint"], source["content_hash"], source["keep"])


def photo_of_document(source: Mapping[str, Any]) -> StoredPhoto:
    """The photo that a document is of, and what is kept of it."""
    since = moment_of(source["indexed_at"])
    return from_record(source["record"], keep=source["keep"], indexed_at=since)


def encoded_of_document(source: Mapping[str, Any]) -> EncodedPhoto:
    """The photo of a document with all of `WHOLE`, as it was given, without its blobs."""
    stored = photo_of_document(source)
    return replace(encoded_of(stored, vector_of_document(source)), indexed_at=stored.indexed_at)


def vector_of_document(source: Mapping[str, Any]) -> Vector:
    """The vector of a document as it was given; free to be changed."""
    if given := source.get("given"):
        return np.frombuffer(base64.b64decode(given), "<f4").astype(np.float32)
    return np.array(source["vector"], np.float32)
