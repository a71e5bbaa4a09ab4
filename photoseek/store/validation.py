"""What every store asks of what it is given: vectors, and texts of pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from photoseek.errors import QueryError, StoreError
from photoseek.records import EncodedPhoto, ModelIdentity, ReadText, StoredPhoto, Vector

_FURTHEST = 10**9  # more photos than any index has; some engines count no further than 2**31

# It names a file, so nothing else may pass: "../../etc" least of all.
_CONTENT_HASH = re.compile(r"[0-9a-f]{32}", re.ASCII)


def latest_by_id(photos: Sequence[EncodedPhoto], model: ModelIdentity) -> dict[str, EncodedPhoto]:
    """The photos by id, the last one of equal ids.

    Raises:
        StoreError: for one that is wrong.
    """
    for photo in photos:
        if fault := _fault(photo.vector, model):
            raise StoreError(f"The vector of the photo '{photo.photo.id}' {fault}.")
        if not _CONTENT_HASH.fullmatch(photo.content_hash):
            raise StoreError(
                f"The content hash of the photo '{photo.photo.id}' is {photo.content_hash!r}; "
                "it must be 32 lower-case hex digits."
            )
    return {photo.photo.id: photo for photo in photos}


def with_text(stored: StoredPhoto, texts: Mapping[str, ReadText]) -> StoredPhoto | None:
    """The photo with the text that was read in it, or None where other bytes were read."""
    read = texts[stored.photo.id]
    is_same = stored.content_hash == read.content_hash
    return replace(stored, text=read.text) if is_same else None


def check_page(top_k: int, offset: int = 0) -> None:
    """Raise QueryError where one of the numbers is out of range."""
    if top_k < 1:
        raise QueryError(f"top_k is {top_k}; ask for at least 1 photo.")
    if offset < 0:
        raise QueryError(f"offset is {offset}; it must be 0 or more.")
    if max(top_k, offset) > _FURTHEST:
        raise QueryError(
            f"top_k is {top_k} and offset {offset}; neither may be more than {_FURTHEST}."
        )


def checked_query(vector: Vector, top_k: int, offset: int, model: ModelIdentity) -> Vector:
    """The vector at unit length.

    Raises:
        QueryError: for anything that cannot be searched.
    """
    check_page(top_k, offset)
    if fault := _fault(vector, model):
        raise QueryError(f"The query vector {fault}.")
    return unit(vector)


def spread(rows: int, count: int) -> list[int]:
    """At most `count` of the numbers below `rows`, as far from one another as they can be."""
    return [int(row) for row in np.linspace(0, rows - 1, min(rows, count))]


def unit(vector: Vector) -> Vector:
    """A finite vector other than zero, at unit length, float32."""
    # In float64, where the squares of no float32 overflow or vanish.
    wide = np.asarray(vector, dtype=np.float64)
    return (wide / np.linalg.norm(wide)).astype(np.float32)


def _fault(vector: Vector, model: ModelIdentity) -> str | None:
    if vector.shape != (model.dimensions,):
        return (
            f"has the shape {vector.shape}; "
            f"vectors of the model '{model.name}' have {model.dimensions} dimensions"
        )
    if not np.isfinite(vector).all():
        return "holds a number that is not finite"
    if not vector.any():
        return "is all zeros, which points nowhere"
    return None
