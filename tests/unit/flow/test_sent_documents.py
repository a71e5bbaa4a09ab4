"""Documents as clients send them over gRPC: what is wrong with one is told as over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from photoseek.flow import compat

compat.apply()

from docarray import BaseDoc  # noqa: E402
from jina.proto import jina_pb2  # noqa: E402
from jina.types.request.data import DataRequest  # noqa: E402

from photoseek.errors import QueryError  # noqa: E402
from photoseek.flow.documents import (  # noqa: E402
    BlobDoc,
    DeleteDoc,
    FilterDoc,
    IdsDoc,
    PartDoc,
    QueryDoc,
    StatusDoc,
    WantedDoc,
)
from photoseek.flow.grpc_requests import tell_errors_in_words  # noqa: E402
from photoseek.flow.jina_gateway import ENDPOINTS  # noqa: E402
from photoseek.flow.photo_documents import PhotoDoc  # noqa: E402
from photoseek.flow.sent_documents import SentDoc  # noqa: E402

PARTS = [PartDoc(text="a car").to_protobuf() for _ in range(17)]
HEAVY = PartDoc(text="a car").to_protobuf()
HEAVY.data["weight"].float = 500.0


def fill(node: Any, value: Any) -> None:
    """Put a value into a message, of whatever kind it is."""
    match value:
        case bool():
            node.boolean = value
        case int():
            node.integer = value
        case float():
            node.float = value
        case str():
            node.text = value
        case bytes():
            node.blob = value
        case [first, *_] if hasattr(first, "data"):
            node.doc_array.docs.extend(value)
        case list():
            node.list.SetInParent()
            for each in value:
                fill(node.list.data.add(), each)
        case dict():
            for name, each in value.items():
                fill(node.dict.data[name], each)


def sent(**members: Any) -> Any:
    message = BaseDoc().to_protobuf()
    for name, value in members.items():
        fill(message.data[name], value)
    return message


@pytest.mark.parametrize(
    ("kind", "members", "told"),
    [
        (QueryDoc, {"top_k": 5000}, "top_k: Give 1000 at most; it is 5000."),
        (QueryDoc, {"top_k": "x"}, "top_k: Give a whole number; it is 'x'."),
        (QueryDoc, {"top_k": None}, "top_k: Give a whole number."),
        (QueryDoc, {"text": 5}, "text: Give a text; it is 5."),
        (
            QueryDoc,
            {"text": "a" * 5000},
            "text: Give 2,000 characters at most; there are 5,000.",
        ),
        (QueryDoc, {"text": b"\xff"}, "text: Give a text."),
        (QueryDoc, {"text": PARTS}, "text: This kind of value is not taken here. Look at"),
        (QueryDoc, {"image": 5}, "image: Give bytes, in JSON as base64; this is not base64"),
        (QueryDoc, {"where": ["a"] * 33}, "where: Give 32 items at most; there are 33."),
        (QueryDoc, {"where": [1]}, "where[0]: Give a text; it is 1."),
        (QueryDoc, {"where": {"a": 1}}, "where: Give a list."),
        (QueryDoc, {"parts": "a car"}, "parts: Give a list; it is 'a car'."),
        (QueryDoc, {"parts": [1]}, "parts[0]: Give an object; it is 1."),
        (QueryDoc, {"parts": PARTS}, "parts: Give 16 items at most; there are 17."),
        (QueryDoc, {"parts": [PARTS[0], HEAVY]}, "parts[1].weight: Give 10 at most; it is 500.0."),
        (QueryDoc, {"folded": "perhaps"}, "dedupe: Give true or false; it is 'perhaps'."),
        (WantedDoc, {"top_k": 0}, "top_k: Give 1 or more; it is 0."),
        (WantedDoc, {"opened": "x"}, "opened: Give 'inline' or 'attachment'; it is 'x'."),
        (BlobDoc, {}, "photo: It is missing."),
        (BlobDoc, {"photo": ""}, "photo: Give 1 character at least."),
        (FilterDoc, {"where": "a"}, "where: Give a list; it is 'a'."),
        (IdsDoc, {"ids": ["a"] * 10_001}, "ids: Give 10,000 items at most; there are 10,001."),
        (DeleteDoc, {"ids": ["a"], "vanished": "x"}, "vanished: Give true or false; it is 'x'."),
        (StatusDoc, {"photos": "many"}, "photos: Give a whole number; it is 'many'."),
    ],
)
def test_what_is_wrong_is_told_in_our_words(
    kind: type[SentDoc], members: dict[str, Any], told: str
) -> None:
    with pytest.raises(QueryError) as wrong:
        kind.from_protobuf(sent(**members))
    assert str(wrong.value).startswith(told)
    response = DataRequest()
    response.add_exception(wrong.value)
    tell_errors_in_words(response)
    assert response.proto_wo_data.header.status.code == jina_pb2.StatusProto.ERROR
    assert response.header.status.description == str(wrong.value)


def test_every_document_that_a_client_may_send_says_so() -> None:
    taken = {takes for takes, _ in ENDPOINTS.values()} - {BaseDoc, PhotoDoc}
    assert taken == {QueryDoc, WantedDoc, BlobDoc, FilterDoc, IdsDoc, DeleteDoc}
    assert all(issubclass(kind, SentDoc) for kind in (*taken, PartDoc, StatusDoc))


def test_what_is_right_is_read() -> None:
    told = sent(text="a car", top_k=3, where=["width >= 3"], folded=True, parts=PARTS[:2], new=1)
    doc = QueryDoc.from_protobuf(told)
    assert (doc.text, doc.top_k, doc.where, doc.dedupe) == ("a car", 3, ["width >= 3"], True)
    assert [part.text for part in doc.parts] == ["a car", "a car"]
