"""Queries whose texts the gateway knows already: they pass the encoder by.

The indexer tells the embedding of each text with its answer. The gateway keeps it, and asks the
indexer alone the next time. An indexer of an earlier version tells nothing, or not how the texts
were read: then the encoder is asked as before, since two encoders may have two tokenizers.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from photoseek.flow.conversion import encoded_query_doc, model_of
from photoseek.flow.documents import EncodedQueryDoc, QueryDoc
from photoseek.flow.index_model import model_in, told_model
from photoseek.identity import text_key
from photoseek.records import ModelIdentity, Vector
from photoseek.search.grammar import QueryPart
from photoseek.search.query_encoder import QueryEncoder
from photoseek.sharing import SharedState, TextVectors
from photoseek.sharing.shared_texts import bytes_of, vector_of


class GatewayTexts:
    """What a gateway knows of the texts that it has asked for."""

    def __init__(self, state: SharedState) -> None:
        self._vectors = TextVectors(state)
        self._model: ModelIdentity | None = None
        self._tokenizer: str | None = None

    @property
    def tokenizer(self) -> str | None:
        """How the encoder has read texts that were asked for last; None where that is not known."""
        return self._tokenizer

    async def encoded(self, asked: QueryDoc, parts: Sequence[QueryPart]) -> EncodedQueryDoc | None:
        """What the encoder would make of a query, or None where it has to be asked.

        Raises:
            QueryError: a part makes no sense.
        """
        kinds = {part.kind for part in parts}
        # Once for all texts: while they are waited for, an answer may tell of another tokenizer.
        model, tokenizer = self._model, self._tokenizer
        if "image" in kinds or (model is None and kinds != {"id"}):
            return None
        if "text" in kinds and tokenizer is None:
            return None
        model = replace(model or _NO_MODEL, tokenizer=tokenizer or "")
        vectors: dict[str, Vector] = {}
        for text in {str(part.value) for part in parts if part.kind == "text"}:
            vector = await self._vectors.get(model, text)
            if vector is None:
                return None
            vectors[text] = vector
        embedder = _Known(model, vectors)
        doc = encoded_query_doc(asked, QueryEncoder(embedder).encode(parts))
        doc.meaningless, doc.of_gateway = None, True
        return doc

    async def learn(self, parts: Sequence[QueryPart], told: str) -> str | None:
        """Take in what an answer has told of the query's texts, and give how they were read, where
        it says that.
        """
        if not told:
            return None
        answer = json.loads(told)
        model = model_in(answer["model"])
        has_texts = any(answer["texts"])
        if not has_texts and model == self._model:
            return None  # nothing was read, so that nobody told how
        tokenizer = str(answer["tokenizer"]) if has_texts and "tokenizer" in answer else None
        self._model, self._tokenizer = model, tokenizer
        if model is None or tokenizer is None:
            return None
        model = replace(model, tokenizer=tokenizer)
        for part, text in zip(parts, answer["texts"], strict=True):
            vector = vector_of(base64.b64decode(text), model) if text else None
            if vector is not None:
                await self._vectors.put(model, str(part.value), vector)
        return tokenizer

    def forget_model(self) -> None:
        """Ask the encoder again: the index has another model than it had."""
        self._model = self._tokenizer = None


class MeaninglessTexts:
    """What an indexer has seen of the embeddings of texts that mean nothing.

    They are 32 kB and always the same, so that a gateway which knows a query's texts sends none.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str | int, ...], NDArray[np.float32]] = {}

    def complete(self, doc: EncodedQueryDoc) -> bool:
        """Give a query those of its model; False where they are not known here."""
        model = model_of(doc)
        key = tuple(text_key(model)) if model else ()
        if model and doc.meaningless is not None:
            self._known = {key: doc.meaningless}
        wanted = [part.shown for part in doc.parts if part.weight > 0]
        if not doc.of_gateway or not wanted or any(wanted):
            return True
        doc.meaningless = self._known.get(key)
        return doc.meaningless is not None


def told_texts(doc: EncodedQueryDoc) -> str:
    """What a gateway is told of the texts of a query that an encoder has read."""
    model = model_of(doc)
    if model is None or doc.of_gateway:
        return ""
    texts = [
        ""
        if part.shown or part.embedding is None
        else base64.b64encode(bytes_of(part.embedding)).decode()
        for part in doc.parts
    ]
    told = {"model": told_model(model), "tokenizer": model.tokenizer, "texts": texts}
    return json.dumps(told)


_NO_MODEL = ModelIdentity("", "", 0)


class _Known:
    """Stands for a model, with the embeddings of a few texts."""

    def __init__(self, identity: ModelIdentity, vectors: Mapping[str, Vector]) -> None:
        self.identity = self.text_identity = identity
        self._vectors = vectors

    def encode_text(self, text: str) -> Vector:
        return self._vectors[text]

    def encode_meaningless(self) -> NDArray[np.float32]:
        return np.zeros((0, self.identity.dimensions), np.float32)

    def encode_picture(self, data: bytes) -> Vector:
        raise AssertionError("pictures are the encoder's")
