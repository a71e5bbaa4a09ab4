"""What a gateway knows of texts is told apart by how the encoder read them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import numpy as np
from docarray import DocList

from photoseek.flow.conversion import model_of
from photoseek.flow.documents import EncodedPartDoc, EncodedQueryDoc, QueryDoc
from photoseek.flow.from_documents import embeddings_of
from photoseek.flow.index_model import model_in, told_model
from photoseek.flow.known_texts import GatewayTexts, MeaninglessTexts, told_texts
from photoseek.records import Vector
from photoseek.search.grammar import QueryPart
from photoseek.sharing import MemoryState
from tests.support.stored_photos import MODEL, vector_of

ONE, OTHER = "1a2b3c4d", "4d3c2b1a"
CAR, BOAT = QueryPart("text", "a car"), QueryPart("text", "a boat")
ABOUT = {"model": MODEL.name, "fingerprint": MODEL.fingerprint, "dimensions": MODEL.dimensions}


def read_by(tokenizer: str, vector: Vector, **said: Any) -> EncodedQueryDoc:
    """What an encoder makes of a query with one text."""
    part = EncodedPartDoc(embedding=vector)
    return EncodedQueryDoc(
        parts=DocList[EncodedPartDoc]([part]), tokenizer=tokenizer, **ABOUT | said
    )


def asked(gateway: GatewayTexts, part: QueryPart) -> EncodedQueryDoc | None:
    return asyncio.run(gateway.encoded(QueryDoc(), [part]))


def learn(gateway: GatewayTexts, part: QueryPart, told: str) -> None:
    asyncio.run(gateway.learn([part], told))


def test_a_text_that_was_read_otherwise_is_asked_for_again() -> None:
    state = MemoryState()
    gateway = GatewayTexts(state)
    learn(gateway, CAR, told_texts(read_by(ONE, vector_of(1))))
    known = asked(gateway, CAR)
    assert known is not None
    assert known.tokenizer == ONE
    learn(gateway, BOAT, told_texts(read_by(OTHER, vector_of(2))))
    assert asked(gateway, CAR) is None, "the encoder has another tokenizer by now"
    assert asked(gateway, BOAT) is not None
    learn(gateway, CAR, told_texts(read_by(OTHER, vector_of(3))))
    again = asked(gateway, CAR)
    assert again is not None
    assert again.parts[0].embedding is not None
    np.testing.assert_array_equal(again.parts[0].embedding, vector_of(3))


def test_an_answer_to_a_picture_tells_nothing_of_texts() -> None:
    gateway = GatewayTexts(MemoryState())
    learn(gateway, CAR, told_texts(read_by(ONE, vector_of(1))))
    shown = read_by("", vector_of(2))
    shown.parts[0].shown = True
    learn(gateway, QueryPart("image", b"jpeg"), told_texts(shown))
    known = asked(gateway, CAR)
    assert known is not None
    assert known.tokenizer == ONE
    other = read_by("", vector_of(2), fingerprint="0" * 16)
    other.parts[0].shown = True
    learn(gateway, QueryPart("image", b"jpeg"), told_texts(other))
    assert asked(gateway, CAR) is None, "but that the model is another one"


def test_parts_of_an_earlier_version_are_understood_and_understand() -> None:
    told = json.loads(told_texts(read_by(ONE, vector_of(1))))
    assert len(json.loads(told["model"])) == len(ABOUT), "which they take apart"
    assert model_in(told_model(replace(MODEL, tokenizer=ONE))) == MODEL
    del told["tokenizer"]
    gateway = GatewayTexts(MemoryState())
    learn(gateway, CAR, json.dumps(told))
    assert asked(gateway, CAR) is None, "it may be of any tokenizer, so the encoder is asked"
    learn(gateway, CAR, told_texts(read_by("", vector_of(2))))
    known = asked(gateway, CAR)
    assert known is not None
    assert known.tokenizer == "", "an encoder of before, or OpenCLIP's own tokenizer"


def test_an_indexer_of_before_gives_no_encoder_the_texts_of_another() -> None:
    """It tells texts, and not how they were read: two encoders may take turns behind it."""
    gateway = GatewayTexts(MemoryState())
    for tokenizer, vector in ((ONE, vector_of(1)), (OTHER, vector_of(2))):
        told = json.loads(told_texts(read_by(tokenizer, vector)))
        del told["tokenizer"]
        learn(gateway, CAR, json.dumps(told))
        assert asked(gateway, CAR) is None
        assert gateway.tokenizer is None
    learn(gateway, CAR, told_texts(read_by(ONE, vector_of(1))))
    assert gateway.tokenizer == ONE
    learn(gateway, CAR, json.dumps(told))
    assert asked(gateway, CAR) is None, "whoever has read it now may be the other one"


class Waiting(MemoryState):
    """A state that waits between two questions, as one over a network does."""

    async def get(self, key: str) -> bytes | None:
        await asyncio.sleep(0)
        return await super().get(key)


def test_all_texts_of_a_query_are_of_one_tokenizer() -> None:
    """Though another answer tells of another encoder between the questions for two texts."""
    gateway = GatewayTexts(Waiting())
    for tokenizer, number in ((ONE, 1), (OTHER, 2)):
        for part in (CAR, BOAT):
            learn(gateway, part, told_texts(read_by(tokenizer, vector_of(number))))

    async def both() -> EncodedQueryDoc | None:
        known = asyncio.create_task(gateway.encoded(QueryDoc(), [CAR, BOAT]))
        await asyncio.sleep(0)
        await gateway.learn([CAR], told_texts(read_by(ONE, vector_of(1))))
        return await known

    known = asyncio.run(both())
    assert known is not None
    assert known.tokenizer == OTHER
    for part in known.parts:
        assert part.embedding is not None
        np.testing.assert_array_equal(part.embedding, vector_of(2))


def test_texts_without_meaning_are_those_of_the_tokenizer() -> None:
    texts = MeaninglessTexts()
    nothing = np.stack([vector_of(5), vector_of(6)])
    assert texts.complete(read_by(ONE, vector_of(1), meaningless=nothing))
    of_gateway = read_by(ONE, vector_of(1), of_gateway=True)
    assert texts.complete(of_gateway)
    np.testing.assert_array_equal(of_gateway.meaningless, nothing)
    assert not texts.complete(read_by(OTHER, vector_of(1), of_gateway=True))
    mended = np.stack([vector_of(7), vector_of(8)])
    assert texts.complete(read_by(ONE, vector_of(1), meaningless=mended))
    later = read_by(ONE, vector_of(1), of_gateway=True)
    assert texts.complete(later)
    np.testing.assert_array_equal(later.meaningless, mended)


def test_it_is_told_with_vectors_that_are_asked_for() -> None:
    shown, read = read_by("", vector_of(1)), read_by(ONE, vector_of(2))
    assert embeddings_of([shown, read]).model.tokenizer == ONE
    model = model_of(EncodedQueryDoc.from_protobuf(read.to_protobuf()))
    assert model is not None
    assert model.tokenizer == ONE
