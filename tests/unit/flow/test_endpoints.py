"""The Flow's endpoints over HTTP, before a streamer that answers with what it was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from photoseek.flow import compat

compat.apply()

from docarray import DocList  # noqa: E402
from jina.types.request.data import DataRequest  # noqa: E402

from photoseek.flow.documents import IdsDoc, QueryDoc  # noqa: E402
from photoseek.flow.endpoints import endpoints_router  # noqa: E402
from photoseek.gateway.problems import answer_with_problems  # noqa: E402
from tests.support.gateway_app import problem  # noqa: E402

ENDPOINTS = {"/search": (QueryDoc, QueryDoc), "/known": (IdsDoc, IdsDoc)}


async def echo(docs: Any, request_id: str | None, return_type: Any, **_: Any) -> AsyncIterator[Any]:
    """What executors do that give back what they get, by way of a message."""
    response = DataRequest()
    response.data.docs = DocList[docs.doc_type](docs)
    response.header.request_id = request_id or "none"
    arrived = DataRequest(response.proto.SerializeToString())
    arrived.document_array_cls = return_type
    yield arrived


@pytest.fixture
def gateway() -> TestClient:
    app = FastAPI()
    app.include_router(endpoints_router(echo, ENDPOINTS))
    answer_with_problems(app)
    return TestClient(app)


@pytest.mark.parametrize("number", [1, 150])
def test_documents_in_and_out(gateway: TestClient, number: int) -> None:
    asked = {
        "data": [{"id": str(i), "text": "x" * 1_000} for i in range(number)],
        "header": {"request_id": "mine", "target_executor": "(.*)*X"},
        "parameters": {"a": 1},
    }
    answer = gateway.post("/search", json=asked)
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert [doc["id"] for doc in document["data"]] == [str(i) for i in range(number)]
    assert document["header"] == {"request_id": "mine", "target_executor": None}


def test_one_document_needs_no_list(gateway: TestClient) -> None:
    [doc] = gateway.post("/search", json={"data": {"text": "car"}}).json()["data"]
    assert (doc["text"], doc["top_k"]) == ("car", 10)


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"data": [{}] * 257}, 413, "/search takes at most 256 queries"),
        ({"data": [{"text": "car", "top_k": 0}]}, 422, "data[0].top_k: Give 1 or more"),
        ({"data": {"text": "\ud800"}}, 422, "data.text: Give a text"),
        ({"data": [], "header": {"request_id": "\ud800"}}, 422, "header.request_id: Give a text"),
        ({"data": [], "header": {"request_id": "x" * 201}}, 422, "header.request_id: Give 200"),
        ({"data": [], "parameters": {"a": 10**400}}, 422, "parameters.a: The number is too large"),
        ({"data": [], "parameters": {"a": float("nan")}}, 422, "body: It is no JSON: NaN"),
        ({"data": "text"}, 422, "data: Give a list"),
        ({}, 422, "data: It is missing"),
        ([], 422, "body: Give an object"),
    ],
)
def test_what_is_refused(gateway: TestClient, body: Any, status: int, told: str) -> None:
    answer = gateway.post("/search", content=json.dumps(body))
    assert told in problem(answer, status)["detail"]


def test_the_documentation_knows_what_goes_in_and_out(gateway: TestClient) -> None:
    document = gateway.get("/openapi.json").json()
    operation = document["paths"]["/known"]["post"]
    asked = operation["requestBody"]["content"]["application/json"]["schema"]
    assert asked == {"$ref": "#/components/schemas/JinaKnownRequest"}
    told = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert told == {"$ref": "#/components/schemas/JinaKnownAnswer"}
    assert operation["tags"] == ["jina"]
