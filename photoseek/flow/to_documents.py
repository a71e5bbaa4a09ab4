"""From the records of photoseek to what executors are asked with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from photoseek.errors import QueryError
from photoseek.flow.documents import PartDoc
from photoseek.flow.photo_documents import DESCRIPTION, PhotoDoc
from photoseek.flow.sent_documents import reason_of
from photoseek.records import Condition, Filter, Keep, Photo
from photoseek.search.grammar import QueryPart
from photoseek.store.filters import filter_to_json, parse_filter, written

_PART_FIELDS = {"text": "text", "image": "image", "id": "like", "vector": "vector"}


def part_doc(part: QueryPart) -> PartDoc:
    """A part of a query."""
    doc: PartDoc = wire(PartDoc, **{_PART_FIELDS[part.kind]: part.value}, weight=part.weight)
    return doc


def photo_docs(
    photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
) -> list[PhotoDoc]:
    """Photos to index, with what is known of each."""
    return [
        PhotoDoc(
            **{name: getattr(photo, name) for name in DESCRIPTION},
            tags=list(photo.tags),
            metadata=dict(photo.metadata),
            known_hash=known_hash,
            keep=keep,
        )
        for photo, known_hash, keep in zip(photos, known_hashes, keeps, strict=True)
    ]


def written_filters(where: Sequence[Filter]) -> list[str]:
    """Filters as documents carry them: as texts, since numbers of protobuf's are of 32 bits.

    Indexers up to 0.3.0 read no JSON, and get what they know as people write it.
    """
    return list(map(_text_of, where))


def _text_of(given: Filter) -> str:
    """A filter as people write it where that says the same, else as JSON."""
    if isinstance(given, Condition):
        many = isinstance(given.value, tuple)
        value = json.dumps(given.value, ensure_ascii=False) if many else given.value
        text = f"{written(given.field)} {given.operator} {value}"
        with suppress(QueryError):
            if parse_filter(text) == given:
                return text
    return json.dumps(filter_to_json(given))


def wire(kind: Any, **fields: Any) -> Any:
    """A document for the wire.

    Raises:
        QueryError: a value is beyond the document's limits.
    """
    try:
        return kind(**fields)
    except ValidationError as error:
        raise QueryError(f"{reason_of(error, fields)}.") from error
