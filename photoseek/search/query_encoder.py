"""From the parts of a query to vectors, by a model."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photoseek.errors import PhotoError, QueryError
from photoseek.helpers.pausing import PAUSES
from photoseek.records import Embeddings, ModelIdentity, Vector
from photoseek.search.grammar import EMPTY, MAX_PARTS, QueryPart, checked_part
from photoseek.search.inputs import at_place
from photoseek.search.tokens import from_token, to_token


@dataclass(frozen=True, slots=True)
class EncodedPart:
    """A part of a query: a unit vector, shape (dimensions,), or the id of a photo of the index.

    `is_picture` is true of pictures and photos, and not of texts. `token` is the embedding of a
    picture as URL-safe text, and "" for other parts.
    """

    value: Vector | str
    weight: float = 1.0
    is_picture: bool = False
    token: str = ""


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """A query as a store can search for it; at least one part.

    `words` are those that a hybrid search looks for. `model` made the vectors; None where there
    are only photos by id. `meaningless` are the vectors of texts that mean nothing, shape (n, d),
    where the query looks for texts alone (`photoseek.search.meaningless`).
    """

    parts: tuple[EncodedPart, ...]
    words: str = ""
    model: ModelIdentity | None = None
    meaningless: NDArray[np.float32] | None = field(default=None, compare=False)

    @property
    def pictures(self) -> float:
        """The share of pictures, in [0, 1]: that of the squares of their weights."""
        squares = [part.weight**2 for part in self.parts]
        shown = [part.weight**2 for part in self.parts if part.is_picture]
        return sum(shown) / sum(squares)

    @property
    def wants_texts(self) -> bool:
        """Whether all that it looks for are texts; what it wants to be without may be anything."""
        wanted = [part.is_picture for part in self.parts if part.weight > 0]
        return bool(wanted) and not any(wanted)

    @property
    def tokenizer(self) -> str:
        """How its texts were read; "" where nobody tells."""
        return self.model.tokenizer if self.model else ""

    @property
    def weights(self) -> tuple[float, ...]:
        """The weight of each part."""
        return tuple(part.weight for part in self.parts)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The token of each part, or ""."""
        return tuple(part.token for part in self.parts)


class Embedder(Protocol):
    """What makes vectors of texts and pictures; `photoseek.indexing.encoding.PhotoEncoder`."""

    @property
    def identity(self) -> ModelIdentity:
        """The model that makes them."""
        ...

    @property
    def text_identity(self) -> ModelIdentity:
        """The same, and how it reads texts."""
        ...

    def encode_text(self, text: str) -> Vector:
        """The vector of a text."""
        ...

    def encode_meaningless(self) -> NDArray[np.float32]:
        """The vectors of texts that mean nothing, shape (n, dimensions)."""
        ...

    def encode_picture(self, data: bytes) -> Vector:
        """The vector of a picture by its bytes.

        Raises:
            PhotoError: it cannot be used.
        """
        ...


PICTURE = "The picture of the query"
"""How a sentence begins that tells why one cannot be used."""


def photos_pause(parts: Sequence[QueryPart], after: float = 0.0) -> AbstractContextManager[None]:
    """A block in which photos of this process pause, as long as parts of a query are waited for,
    and for the seconds `after` it.

    A picture is encoded by what encodes photos: it waits for these, so that they must go on.
    """
    has_picture = any(part.kind == "image" for part in parts)
    return nullcontext() if has_picture else PAUSES.asked(after)


class QueryEncoder:
    """Turns the parts of queries into vectors; photos by id are left to the index."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def encode(self, parts: Sequence[QueryPart]) -> EncodedQuery:
        """What to search for.

        A hybrid search looks for the words of all texts, but for those that the photos should
        not show.

        Raises:
            QueryError: there are no parts or too many, one makes no sense, or a picture cannot
                be used.
        """
        if not parts:
            raise QueryError(EMPTY)
        if len(parts) > MAX_PARTS:
            raise QueryError(f"The query has {len(parts)} parts; at most {MAX_PARTS} are allowed.")
        parts = list(map(checked_part, parts))
        with photos_pause(parts):
            encoded = tuple(map(self._encode, parts))
        wanted = [str(part.value) for part in parts if part.kind == "text" and part.weight > 0]
        has_vectors = any(not isinstance(part.value, str) for part in encoded)
        model = self._model_of(parts) if has_vectors else None
        query = EncodedQuery(encoded, " ".join(wanted), model)
        if query.wants_texts:
            return replace(query, meaningless=self._embedder.encode_meaningless())
        return query

    def embed(self, parts: Sequence[QueryPart]) -> Embeddings:
        """The vector of each part by itself, which is a text or a picture.

        Raises:
            QueryError: one makes no sense, or a picture cannot be used; it says which.
        """
        vectors = [self._vector(place, part) for place, part in enumerate(parts)]
        identity = self._model_of(parts)
        shape = (len(vectors), identity.dimensions)
        return Embeddings(np.array(vectors, np.float32).reshape(shape), identity)

    def _model_of(self, parts: Sequence[QueryPart]) -> ModelIdentity:
        """The model, and how texts are read where some are."""
        has_text = any(part.kind == "text" for part in parts)
        return self._embedder.text_identity if has_text else self._embedder.identity

    def _vector(self, place: int, part: QueryPart) -> Vector:
        try:
            value = self._encode(checked_part(part)).value
        except QueryError as error:
            raise at_place(place, error) from error
        assert not isinstance(value, str), "a photo by id has its vector in the index"
        return value

    def _encode(self, part: QueryPart) -> EncodedPart:
        value, weight = part.value, part.weight
        if part.kind == "image":
            if isinstance(value, str):
                raise QueryError(
                    f"The picture {value} is a path. Read the file and give its bytes."
                )
            try:
                vector = self._embedder.encode_picture(value)
            except PhotoError as error:
                raise QueryError(f"{PICTURE} cannot be used: {error}") from error
            token = to_token(vector, self._embedder.identity)
            return EncodedPart(vector, weight, is_picture=True, token=token)
        value = str(value)
        if part.kind == "id":
            return EncodedPart(value, weight, is_picture=True)
        if part.kind == "vector":
            vector = from_token(value, self._embedder.identity)
            return EncodedPart(vector, weight, is_picture=True)
        return EncodedPart(self._embedder.encode_text(value), weight)
