"""From what executors answer to the records of photoseek."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

import numpy as np

from photoseek.errors import QueryError
from photoseek.flow.documents import (
    EncodedQueryDoc,
    FacetsDoc,
    KnownDoc,
    PhotosDoc,
    ResultDoc,
    StatusDoc,
)
from photoseek.flow.photo_documents import FingerprintsDoc
from photoseek.helpers.fingerprints import FingerprintPage
from photoseek.records import (
    DELETED,
    Confidence,
    Embeddings,
    Facets,
    Found,
    Hit,
    Keep,
    KnownPhoto,
    ModelIdentity,
    Status,
    StoredPhoto,
)
from photoseek.search.grammar import QueryPart, understood, write_query
from photoseek.search.inputs import at_place
from photoseek.store.record_json import stored_of_json

_NO_FILTER = "' is no filter. "


def hits_of(packed: str) -> tuple[Hit, ...]:
    """The hits of a packed answer."""
    return tuple(
        Hit(
            hit["rank"],
            hit["score"],
            stored_of_json(hit),
            tuple(map(stored_of_json, hit["duplicates"])),
            tuple(hit.get("lines_found", ())),
        )
        for hit in json.loads(packed or "[]")
    )


def stored_photos(text: str) -> list[StoredPhoto]:
    """The photos of a JSON list."""
    return list(map(stored_of_json, json.loads(text)))


def found_of(
    parts: Sequence[QueryPart],
    answer: ResultDoc,
    hits: tuple[Hit, ...],
    offset: int,
    tokenizer: str | None,
) -> Found:
    """A page of hits for such a query, whose texts were read like that."""
    return Found(
        hits=hits,
        query=write_query(understood(parts, answer.vectors)),
        total=answer.total,
        confidence=cast(Confidence | None, answer.confidence or None),
        next_offset=offset + len(hits) if answer.more else None,
        tokens=tuple(answer.vectors),
        encode_seconds=answer.encode_seconds,
        search_seconds=answer.search_seconds,
        is_of_before=bool(answer.index_model),
        version=answer.version,
        tokenizer=tokenizer,
    )


def check_sorted(wanted: str, answer: ResultDoc | PhotosDoc) -> None:
    """Raise QueryError where an order is asked for of an indexer that knows none."""
    if wanted and not answer.can_sort:
        raise QueryError(
            "The encoder or the indexer behind this gateway is of an earlier version and sorts "
            "nothing. Update both, or leave the order out."
        )


def check_answered(reason: str) -> None:
    """Raise QueryError for the reason why there is no answer, if there is one."""
    if _NO_FILTER in reason:  # all filters were read here before they were sent
        raise QueryError(
            "The indexer behind this gateway is of an earlier version and knows only filters of "
            "one field each, joined by AND. Update it, or ask for less."
        )
    if reason:
        raise QueryError(reason)


def embeddings_of(answers: Sequence[EncodedQueryDoc]) -> Embeddings:
    """The vectors of queries of one part each.

    Raises:
        QueryError: an encoder could not use one of them.
    """
    for place, answer in enumerate(answers):
        if answer.error:
            raise at_place(place, QueryError(answer.error))
    vectors = np.array([answer.parts[0].embedding for answer in answers], np.float32)
    first = answers[0]
    tokenizer = next(filter(None, (answer.tokenizer for answer in answers)), "")
    model = ModelIdentity(first.model, first.fingerprint, first.dimensions, tokenizer)
    return Embeddings(vectors, model)


def listed(photos: Sequence[StoredPhoto], answer: PhotosDoc, offset: int) -> Found:
    """A page of a plain list, whose photos have places but no scores."""
    if answer.read is not None:  # an indexer of an earlier version does not say it
        offset = answer.read
    hits = tuple(Hit(rank, 0.0, stored) for rank, stored in enumerate(photos, start=offset + 1))
    end = offset + len(hits)
    is_more = bool(answer.next_after) if answer.read is not None else end < answer.total
    return Found(
        hits=hits,
        query="",
        total=answer.total,
        confidence=None,
        next_offset=end if hits and is_more else None,
        next_after=answer.next_after,
        search_seconds=answer.seconds,
        version=answer.version,
    )


def facets_of(answer: FacetsDoc) -> Facets:
    """What photos have in common."""
    counts = {
        facet.name: tuple(zip(facet.values, facet.counts, strict=True))
        for facet in answer.facets
        if facet.values
    }
    return Facets(answer.total, counts, answer.version)


def known_of(answer: KnownDoc) -> dict[str, KnownPhoto]:
    """What the index knows of photos, and which were deleted on purpose."""
    keeps = cast(list[Keep], answer.keeps)
    states = map(KnownPhoto, answer.fingerprints, answer.hashes, keeps)
    stored = dict(zip(answer.ids, states, strict=True))
    return stored | dict.fromkeys(answer.deleted, DELETED)


def fingerprints_of(answer: FingerprintsDoc) -> FingerprintPage | None:
    """A page of fingerprints. An older indexer knows no such endpoint and changes nothing."""
    if answer.data is None:
        return None
    return FingerprintPage(bytes(answer.data), answer.next_after)


def status_of(answer: StatusDoc) -> Status:
    """The model and the index."""
    fields = {name: getattr(answer, name) for name in Status.__dataclass_fields__}
    return Status(**fields | {"keyword_fields": tuple(answer.keyword_fields)})
