"""The parts of a query, one by one and together, as a store searches for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from photoseek.errors import NotAPhotoError, QueryError
from photoseek.records import ModelIdentity, Vector
from photoseek.search.grammar import MAX_PARTS, MAX_TEXT, QueryPart, understood, write_query
from photoseek.search.query_encoder import QueryEncoder
from tests.support.stored_photos import MODEL, vector_of


class Embedder:
    identity: ModelIdentity = MODEL
    text_identity: ModelIdentity = replace(MODEL, tokenizer="1a2b3c4d")

    def encode_text(self, text: str) -> Vector:
        return vector_of(len(text))

    def encode_meaningless(self) -> NDArray[np.float32]:
        return np.stack([vector_of(2000), vector_of(2001)])

    def encode_picture(self, data: bytes) -> Vector:
        if data == b"none":
            raise NotAPhotoError("That is no picture.")
        return vector_of(1000 + len(data))


@pytest.fixture
def encoder() -> QueryEncoder:
    return QueryEncoder(Embedder())


def test_what_a_hybrid_search_looks_for_and_how_much_is_pictures(encoder: QueryEncoder) -> None:
    parts = [
        QueryPart.of(text="red car"),
        QueryPart.of(text="snow", weight=-0.5),
        QueryPart.of(text="night", weight=0.5),
        QueryPart.of(id="p1", weight=2),
        QueryPart.of(image=b"jpeg", weight=-1),
    ]
    query = encoder.encode(parts)
    assert query.words == "red car night"
    assert query.model == MODEL
    assert [part.weight for part in query.parts] == [1, -0.5, 0.5, 2, -1]
    assert [part.is_picture for part in query.parts] == [False, False, False, True, True]
    assert query.parts[3].value == "p1"
    np.testing.assert_array_equal(query.parts[0].value, vector_of(7))
    assert query.pictures == pytest.approx((4 + 1) / (1 + 0.25 + 0.25 + 4 + 1))
    assert [bool(token) for token in query.tokens] == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("part", "read"),
    [
        (QueryPart.of(text="car"), Embedder.text_identity.tokenizer),
        (QueryPart.of(image=b"jpeg"), ""),
    ],
)
def test_how_texts_are_read_is_told_with_texts(
    encoder: QueryEncoder, part: QueryPart, read: str
) -> None:
    model = encoder.encode([part, QueryPart.of(id="p1")]).model
    assert model == MODEL
    assert model.tokenizer == encoder.embed([part]).model.tokenizer == read


@pytest.mark.parametrize(
    ("parts", "has"),
    [
        ([QueryPart.of(text="car"), QueryPart.of(text="snow", weight=-1)], True),
        ([QueryPart.of(text="car"), QueryPart.of(id="p1", weight=-1)], True),
        ([QueryPart.of(text="car"), QueryPart.of(id="p1")], False),
        ([QueryPart.of(id="p1"), QueryPart.of(text="car", weight=-1)], False),
        ([QueryPart.of(text="car", weight=-1)], False),
    ],
)
def test_what_looks_for_texts_alone_has_those_without_meaning(
    encoder: QueryEncoder, parts: list[QueryPart], has: bool
) -> None:
    assert (encoder.encode(parts).meaningless is not None) == has


def test_the_token_of_a_picture_finds_the_same_again(encoder: QueryEncoder) -> None:
    parts = [QueryPart.of(image=b"jpeg", weight=2), QueryPart.of(text="car")]
    query = encoder.encode(parts)
    told = understood(parts, query.tokens)
    assert write_query(told) == f'2:vector:{query.tokens[0]} + "car"'
    again = encoder.encode(told)
    assert again.tokens == ("", ""), "it is written down already"
    first, second = query.parts[0].value, again.parts[0].value
    assert isinstance(first, np.ndarray)
    assert isinstance(second, np.ndarray)
    assert first @ second == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "exactly one of text, image, id .* or vector; this one has none"),
        ({"text": "car", "id": "p"}, "this one has text and id"),
        ({"text": "", "vector": ""}, "this one has text and vector"),
        ({"text": "  \n"}, "The query is empty"),
        ({"text": "x" * (MAX_TEXT + 1)}, f"at most {MAX_TEXT}"),
        ({"text": "car", "weight": 0}, "has the weight 0"),
        ({"id": "p", "weight": 10.5}, "has the weight 10.5"),
        ({"id": "p", "weight": float("nan")}, "has the weight nan"),
    ],
)
def test_a_part_is_exactly_one_thing_with_a_weight(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(QueryError, match=reason):
        QueryPart.of(**given)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([], "The query is empty"),
        ([QueryPart("text", "car")] * (MAX_PARTS + 1), f"at most {MAX_PARTS}"),
        ([QueryPart("text", "car", 0)], "has the weight 0"),
        ([QueryPart("text", " ")], "The query is empty"),
        ([QueryPart("image", "./pool.jpg")], "is a path"),
        ([QueryPart("image", b"none")], "That is no picture."),
        ([QueryPart("vector", "nonsense")], "cannot be used"),
    ],
)
def test_queries_that_make_no_sense_are_refused(
    encoder: QueryEncoder, parts: list[QueryPart], reason: str
) -> None:
    with pytest.raises(QueryError, match=reason):
        encoder.encode(parts)
