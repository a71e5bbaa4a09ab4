"""What is wrong with one photo to index is the answer to that one, over either protocol."""

import json
import re
from typing import Any

import pytest
from docarray import BaseDoc, DocList
from fastapi import FastAPI
from pydantic import create_model
from starlette.testclient import TestClient

from photoseek import description_limits as limits
from photoseek.flow.conversion import usable
from photoseek.flow.documents import QueryDoc
from photoseek.flow.photo_documents import EncodedDoc, PhotoDoc

GOOD = {"id": "p", "uri": "/p.jpg"}

FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"uri": "/p.jpg"}, "the id is empty"),
    ({"id": "p"}, "the uri is empty"),
    ({}, "the id is empty"),
    (GOOD | {"id": "i" * 1_001}, r"the id i+\.\.\. has 1,001 characters; at most 1,000"),
    (GOOD | {"id": 7}, "id: Give a text"),
    (GOOD | {"id": None}, "id: Give a text"),
    (GOOD | {"id": "a\0b"}, r"the id a.b holds the character '\\x00'"),
    (GOOD | {"id": "a\nb"}, r"holds the character '\\n'"),
    (GOOD | {"id": "a\ud800"}, "left out"),
    (GOOD | {"uri": "/" + "u" * 10_000}, "the uri .* has 10,001 characters"),
    (GOOD | {"version": "v" * 1_001}, "the version v+... has 1,001"),
    (GOOD | {"source_url": "https://example.com/" + "q" * 10_000}, "the source_url .* has 10,020"),
    (GOOD | {"caption": "x" * 100_001}, "the caption has 100,001 characters.* Shorten it"),
    (GOOD | {"caption": 5}, "caption: Give a text"),
    (GOOD | {"photographer": "x" * 10_001}, "the photographer has 10,001"),
    (GOOD | {"licence": "x" * 10_001}, "the licence has 10,001"),
    (GOOD | {"tags": "red"}, "tags: Give a list"),
    (GOOD | {"tags": ["red", 7]}, "tags.1: Give a text"),
    (GOOD | {"tags": ["t" * 1_001]}, "the tag has 1,001"),
    (GOOD | {"tags": [f"{n:09}" for n in range(10_001)]}, "too many tags"),
    (GOOD | {"metadata": {"a": 1}}, "metadata.a: Give a text"),
    (GOOD | {"metadata": {"a" * 1_001: "x"}}, "too long a name"),
    (GOOD | {"metadata": {"a": "x" * 100_001}}, "the column a has 100,001"),
    (GOOD | {"metadata": {str(n): "x" for n in range(1_001)}}, "too much metadata"),
    (GOOD | {"metadata": {str(n): "x" * 99_000 for n in range(6)}}, "too much metadata"),
    (GOOD | {"keep": "everything"}, "keep: Give '"),
    (GOOD | {"known_hash": "0" * 65}, "known_hash: "),
    (GOOD | {"known_hash": "ä"}, "its known_hash is none"),
    (GOOD | {"caption": 10**400}, "caption: Give a text"),
    (GOOD | {"version": "\ud800"}, "left out"),
]


@pytest.mark.parametrize(("given", "words"), FAULTS)
def test_a_fault_is_that_of_its_document(given: dict[str, Any], words: str) -> None:
    docs = DocList[PhotoDoc]([PhotoDoc(**GOOD), PhotoDoc(**given)])
    arrived = DocList[PhotoDoc].from_protobuf(docs.to_protobuf())
    assert [doc.id for doc in usable(arrived)] == ["p"]
    assert arrived[1].error.startswith("The photo is left out: ")
    assert arrived[1].error.endswith(".")
    assert re.search(words, arrived[1].error)
    assert len(arrived[1].to_protobuf().SerializeToString()) < 20_000


@pytest.fixture(scope="module")
def http() -> TestClient:
    """Reads documents as Jina's HTTP server does."""
    app = FastAPI()
    body = create_model("Body", data=(list[PhotoDoc] | PhotoDoc, ...))

    @app.post("/index")
    def index(body: body) -> list[str]:  # type: ignore[valid-type]
        data = body.data  # type: ignore[attr-defined]
        return [doc.error for doc in (data if isinstance(data, list) else [data])]

    return TestClient(app)


def test_a_fault_is_that_of_its_document_over_http(http: TestClient) -> None:
    faults = [given for given, _ in FAULTS]
    sent = json.dumps({"data": [GOOD, *faults, GOOD]})  # httpx would refuse halves of characters
    answer = http.post("/index", content=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    first, *errors, last = answer.json()
    assert (first, last) == ("", "")
    assert all(error.startswith("The photo is left out") for error in errors)


@pytest.mark.parametrize("data", [[1], ["x"], [None], [[GOOD]], "x", None])
def test_what_holds_no_documents_is_refused(http: TestClient, data: Any) -> None:
    assert http.post("/index", json={"data": data}).status_code == 422


class OtherDoc(BaseDoc):  # type: ignore[misc]
    """What some other client calls a photo."""

    uri: PhotoDoc = PhotoDoc(id="x", uri="/x.jpg")
    caption: DocList[PhotoDoc] = DocList[PhotoDoc]()


def test_documents_of_another_kind_are_faults_too() -> None:
    docs = DocList[OtherDoc]([OtherDoc(id="mine")])
    [arrived] = DocList[PhotoDoc].from_protobuf(docs.to_protobuf())
    assert "left out" in arrived.error


def test_control_characters_in_texts_become_spaces() -> None:
    doc = PhotoDoc(**GOOD, caption="a\0b\x1b[1m\tc\n", tags=["x\x07"], metadata={"k\0": "v\x9b"})
    assert (doc.error, doc.caption) == ("", "a b [1m\tc\n")
    assert (doc.tags, doc.metadata) == (["x "], {"k ": "v "})


def test_what_is_as_long_as_allowed_is_taken() -> None:
    doc = PhotoDoc(
        id="i" * limits.MAX_ID,
        uri="u" * limits.MAX_ADDRESS,
        caption="c" * limits.MAX_CAPTION,
        tags=["t" * limits.MAX_TAG],
        metadata={"m" * limits.MAX_COLUMN: "v" * limits.MAX_VALUE},
    )
    assert not doc.error
    assert not EncodedDoc(**dict(doc)).error


def test_limits_stand_in_the_schema() -> None:
    schema = PhotoDoc.model_json_schema()["properties"]
    assert schema["id"]["maxLength"] == limits.MAX_ID
    assert schema["caption"]["maxLength"] == limits.MAX_CAPTION


@pytest.mark.parametrize("name", ["dedupe", "folded"])
def test_copies_are_taken_together_by_either_name(name: str) -> None:
    """`folded` is what clients of version 0.3 say."""
    doc = QueryDoc(**{"text": "car", name: True})
    assert doc.dedupe
    assert QueryDoc.from_protobuf(doc.to_protobuf()).dedupe
    assert QueryDoc.model_validate({"text": "car", name: True}).dedupe
    assert "dedupe" in QueryDoc.model_json_schema()["properties"]
    assert not QueryDoc(text="car").dedupe


def test_an_older_client_sends_its_own_name_over_the_wire() -> None:
    class OlderQuery(BaseDoc):  # type: ignore[misc]
        text: str
        folded: bool

    sent = DocList[OlderQuery]([OlderQuery(text="car", folded=True)])
    [arrived] = DocList[QueryDoc].from_protobuf(sent.to_protobuf())
    assert arrived.dedupe
