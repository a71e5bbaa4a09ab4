"""Embeddings of the texts of queries: remembered, known to others, or made."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from photoseek.files.kept_vectors import kept_vectors
from photoseek.indexing.model_on_demand import ModelOnDemand
from photoseek.records import ModelIdentity, Vector
from photoseek.search.meaningless import MEANINGLESS

if TYPE_CHECKING:
    from photoseek.model import ClipModel

Vectors = NDArray[np.float32]

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
        self._meaningless: Vectors | None = None
        self._making = threading.Lock()
        self._remembered = functools.lru_cache(REMEMBERED_TEXTS)(self._found_or_made)

    def vector(self, text: str) -> Vector:
        """The vector of a text; it is shared, so it cannot be written to."""
        return self._remembered(text)

    def meaningless(self) -> Vectors:
        """The vectors of texts that mean nothing, shape (n, dimensions), made once for a model."""
        with self._making:
            if self._meaningless is None:
                make = functools.partial(self._model.encode_texts, MEANINGLESS)
                self._meaningless = kept_vectors(self._model.text_identity, MEANINGLESS, make)
            return self._meaningless

    def _found_or_made(self, text: str) -> Vector:
        model = self._model.text_identity if self._known else None
        vector = self._known.get(model, text) if self._known and model else None
        if vector is None:
            vector = self._model.encode_texts([text])[0].copy()
            if self._known and model:
                self._known.put(model, text, vector)
        vector.setflags(write=False)
        return vector
