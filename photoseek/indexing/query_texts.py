"""Embeddings of the texts of queries: remembered, known to others, or made."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Protocol

from photoseek.indexing.model_on_demand import ModelOnDemand
from photoseek.records import ModelIdentity, Vector

if TYPE_CHECKING:
    from photoseek.model import ClipModel

REMEMBERED_TEXTS = 4096
"""Query texts whose vectors are kept, 2 kB each: to turn a page is to ask the same again."""


class KnownTexts(Protocol):
    """Embeddings that others may have made already."""

    def get(self, model: ModelIdentity, text: str) -> Vector | None:
        """The unit vector that this model gives to a text, where it is known."""
        ...

    def put(self, model: ModelIdentity, text: str, vector: Vector) -> None:
        """Let others know it."""
        ...


class QueryTexts:
    """The vectors of texts by one model. Safe to use from several threads."""

    def __init__(self, model: ClipModel | ModelOnDemand, known: KnownTexts | None = None) -> None:
        self._model = model
        self._known = known
        self._remembered = functools.lru_cache(REMEMBERED_TEXTS)(self._found_or_made)

    def vector(self, text: str) -> Vector:
        """The vector of a text; it is shared, so it cannot be written to."""
        return self._remembered(text)

    def _found_or_made(self, text: str) -> Vector:
        model = self._model.identity
        vector = self._known.get(model, text) if self._known else None
        if vector is None:
            vector = self._model.encode_texts([text])[0].copy()
            if self._known:
                self._known.put(model, text, vector)
        vector.setflags(write=False)
        return vector
