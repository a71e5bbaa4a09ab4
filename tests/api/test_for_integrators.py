"""What programs ask for that embed photoseek: several searches at once, and vectors."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from tests.support.pictures import drawing, saved

pytestmark = pytest.mark.xdist_group("flow")  # one worker, so that one Flow is enough


def test_a_batch_of_searches(http: httpx.Client) -> None:
    searches = [
        {"query": "red car", "limit": 3},
        {"query": [{"text": "boat"}, {"text": "snow", "weight": -0.5}], "top_k": 2},
        {"limit": 1, "filter": {"where": ["width > 0"]}},
    ]
    answers = http.post("/api/search/batch", json={"searches": searches}).json()["answers"]
    for asked, answer in zip(searches, answers, strict=True):
        alone = http.post("/api/search", json=asked).json()
        del alone["timing"], answer["timing"]
        assert answer == alone


@pytest.mark.parametrize(
    ("searches", "status", "said"),
    [
        ([], 422, "searches: Give 1 item at least"),
        ([{"query": "car"}, {"query": [{"id": "nobody"}]}], 422, "searches[1]: No photo in the"),
        ([{"query": "car"}, {"limit": 0}], 422, "searches[1].limit: "),
        ([{"query": "car"}, {"query": "./a.jpg"}], 422, "searches[1]: A query to a gateway cannot"),
        ([{"top_k": 0}], 422, "searches[0].top_k: "),
        ([{"top_k": 3, "limit": 4}], 422, "Give top_k alone: limit is its older name."),
        ([{"limit": 1000}] * 3, 413, "this one asks for 3000. Lower top_k"),
        ([{"query": "car"}] * 65, 422, "searches: Give 64 items at most; there are 65"),
    ],
)
def test_a_batch_that_makes_no_sense(
    http: httpx.Client, searches: list[Any], status: int, said: str
) -> None:
    answer = http.post("/api/search/batch", json={"searches": searches})
    assert answer.status_code == status
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("красная машина", "The query seems to be in no Latin letters, and the model demo has"),
        ("red car at night by the sea " * 12, "This one is longer, and its end is not read."),
        ("red car", ""),
    ],
)
def test_what_the_model_cannot_read_is_told(http: httpx.Client, query: str, said: str) -> None:
    """In words for people who have no command line."""
    hint = http.post("/api/search", json={"query": query, "limit": 1}).json()["hint"]
    assert said in hint
    assert bool(said) == bool(hint)
    assert "--" not in hint


def test_embeddings(http: httpx.Client) -> None:
    picture = base64.b64encode(saved(drawing(7), "PNG")).decode()
    asked = {"inputs": [{"text": "red car"}, {"image": picture}, {"text": "red car"}]}
    answer = http.post("/api/embeddings", json=asked).json()
    assert (answer["model"], answer["dimensions"]) == ("demo", len(answer["embeddings"][0]))
    assert answer["tokenizer"] == "", "the demo's model has OpenCLIP's own"
    first, other, again = answer["embeddings"]
    assert first == again != other
    assert sum(x * x for x in other) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ([], "inputs: Give 1 item at least"),
        ([{}], "inputs[0]: An input is either a text or an image"),
        ([{"text": "a"}, {"text": "a", "image": "aGk="}], "inputs[1]: An input is either"),
        ([{"text": "a"}, {"text": " "}], "inputs[1]: The text is empty"),
        ([{"text": "a"}, {"image": "aGk="}], "inputs[1]: The picture of the query cannot be used"),
        ([{"text": "a"}] * 257, "inputs: Give 256 items at most; there are 257"),
    ],
)
def test_what_cannot_be_embedded(http: httpx.Client, inputs: list[Any], said: str) -> None:
    answer = http.post("/api/embeddings", json={"inputs": inputs})
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
