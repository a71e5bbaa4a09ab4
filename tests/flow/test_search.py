"""Searching through a real Flow over both protocols."""

from __future__ import annotations

import base64
import csv
import re
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

from photoseek.client import Client
from photoseek.description_limits import MAX_TOP_K
from photoseek.errors import QueryError
from photoseek.flow.process import FlowProcess
from photoseek.search.grammar import MAX_TEXT, QueryPart
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.xdist_group("flow")  # one worker, so that one Flow is enough


@pytest.fixture(params=["grpc", "http"])
def jina_client(request: pytest.FixtureRequest, flow: FlowProcess) -> Any:
    from photoseek.flow import compat

    compat.apply()
    from jina import Client as JinaClient

    settings = flow.settings
    port = settings.grpc_port if request.param == "grpc" else settings.http_port
    return JinaClient(host="127.0.0.1", port=port, protocol=request.param)


def rows(manifest: Path) -> list[dict[str, str]]:
    with manifest.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_jinas_own_client_finds_the_same_whatever_nobody_types(jina_client: Any) -> None:
    from docarray import DocList

    from photoseek.flow.documents import PartDoc, QueryDoc, ResultDoc

    odd = "red\x00car\x07"
    part = DocList[PartDoc]([PartDoc(text=odd)])
    queries = [QueryDoc(text="red car"), QueryDoc(text=odd), QueryDoc(parts=part)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Jina's client closes its session late
        plain, *others = jina_client.post(
            "/search", DocList[QueryDoc](queries), return_type=DocList[ResultDoc]
        )
    for other in others:
        assert [(hit.id, hit.score) for hit in other.hits] == [
            (hit.id, hit.score) for hit in plain.hits
        ]


def test_jinas_own_client_searches_by_text_and_picture(jina_client: Any, drawings: Path) -> None:
    from docarray import DocList

    from photoseek.flow.documents import QueryDoc, ResultDoc

    row = rows(drawings)[3]
    picture = (drawings.parent / row["path"]).read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Jina's client closes its session late
        answers = jina_client.post(
            "/search",
            DocList[QueryDoc]([QueryDoc(text="car", top_k=2), QueryDoc(image=picture, top_k=3)]),
            return_type=DocList[ResultDoc],
        )
    assert [len(answer.hits) for answer in answers] == [2, 3]
    best = answers[1].hits[0]
    assert (best.id, best.rank, best.caption) == (row["id"], 1, row["caption"])
    assert best.score == pytest.approx(1, abs=0.01)


def test_one_bad_query_leaves_the_others_alone(jina_client: Any) -> None:
    from docarray import DocList

    from photoseek.flow.documents import QueryDoc, ResultDoc

    queries = [QueryDoc(text="car"), QueryDoc(image=b"no picture"), QueryDoc(text=" ")]
    answers = jina_client.post(
        "/search", DocList[QueryDoc](queries), return_type=DocList[ResultDoc]
    )
    assert [bool(answer.error) for answer in answers] == [False, True, True]
    assert answers[0].hits


def test_hits_are_ranked_and_described(client: Client, drawings: Path) -> None:
    hits = client.search("a red car", top_k=7).hits
    assert [hit.rank for hit in hits] == list(range(1, 8))
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(-1 <= score <= 1 for score in scores)
    by_id = {row["id"]: row for row in rows(drawings)}
    for hit in hits:
        photo, row = hit.stored.photo, by_id[hit.stored.photo.id]
        assert photo.caption == row["caption"]
        assert photo.licence == row["licence"]
        assert photo.metadata["subject"] == row["subject"]
        assert Path(photo.uri) == drawings.parent / row["path"]
        assert hit.stored.width > 100


def test_pages_follow_each_other(client: Client) -> None:
    both = client.search("sea", top_k=10).hits
    second = client.search("sea", top_k=5, offset=5).hits
    assert [h.stored.photo.id for h in both[5:]] == [h.stored.photo.id for h in second]
    assert [h.rank for h in second] == [6, 7, 8, 9, 10]


def test_like_leaves_the_photo_itself_out(client: Client, drawings: Path) -> None:
    photo_id = rows(drawings)[0]["id"]
    hits = client.search([QueryPart("id", photo_id)], top_k=5).hits
    assert len(hits) == 5
    assert photo_id not in {hit.stored.photo.id for hit in hits}


def test_filters_hold(client: Client, drawings: Path) -> None:
    subject = rows(drawings)[0]["tags"].split(";")[0]
    expected = {row["id"] for row in rows(drawings) if subject in row["tags"].split(";")}
    hits = client.search("anything", top_k=100, where=[f"tags = {subject}"]).hits
    assert {hit.stored.photo.id for hit in hits} == expected
    assert not client.search("anything", where=["width >= 100000"]).hits


@pytest.mark.parametrize(
    "text", ["🚗", "سيارة حمراء", "rotes Auto", "'; DROP TABLE photos; --", "a\x00", "x" * 2000]
)
def test_odd_texts_are_answered(client: Client, text: str) -> None:
    assert len(client.search([QueryPart("text", text)], top_k=3).hits) == 3


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"text": ""}, "The query is empty"),
        ({"text": " \n "}, "The query is empty"),
        ({"text": "\x00"}, "The query is empty"),
        ({}, "The query is empty"),
        ({"text": "car", "like": "x"}, "this one has text and id"),
        ({"parts": [{"text": "car", "vector": "x"}]}, "this one has text and vector"),
        ({"parts": [{"text": "car", "weight": 0}]}, "has the weight 0"),
        ({"image": ""}, "."),
        ({"image": base64.b64encode(b"not a picture").decode()}, "."),
        ({"like": "no-such-id"}, "No photo in the index has the id 'no-such-id'"),
        ({"text": "car", "where": ["colour is red"]}, "colour is red"),
        ({"text": "car", "where": ["nonsense = 1"]}, "nonsense"),
    ],
)
def test_bad_queries_are_told_in_words(
    flow: FlowProcess, query: dict[str, Any], message: str
) -> None:
    answer = httpx.post(f"{flow.url}/search", json={"data": [query]})
    assert answer.status_code == 200
    assert re.search(message, answer.json()["data"][0]["error"])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"text": "x" * (MAX_TEXT + 1)}, "text: Give 2,000 characters at most"),
        ({"text": "car", "top_k": 0}, "top_k: Give 1 or more"),
        ({"text": "car", "top_k": MAX_TOP_K + 1}, "top_k: Give 1000 at most"),
        ({"text": "car", "offset": -1}, "offset: Give 0 or more"),
    ],
)
def test_queries_beyond_the_limits_are_a_422(
    flow: FlowProcess, query: dict[str, Any], message: str
) -> None:
    answer = httpx.post(f"{flow.url}/search", json={"data": [query]})
    assert answer.status_code == 422
    assert message in answer.json()["detail"]


def test_the_client_tells_bad_queries_in_words(client: Client) -> None:
    with pytest.raises(QueryError, match="No photo in the index has the id 'no-such-id'"):
        client.search("id:no-such-id")
    with pytest.raises(QueryError, match="top_k is 0; ask for at least 1"):
        client.search("car", top_k=0)


def test_bad_base64_is_a_422(flow: FlowProcess) -> None:
    answer = httpx.post(f"{flow.url}/search", json={"data": [{"image": "@@"}]})
    assert answer.status_code == 422
    assert "not base64" in answer.text


def test_a_data_uri_is_a_picture_too(flow: FlowProcess, drawings: Path) -> None:
    import base64

    row = rows(drawings)[5]
    picture = base64.b64encode((drawings.parent / row["path"]).read_bytes()).decode()
    query = {"image": f"data:image/jpeg;base64,{picture}", "top_k": 1}
    answer = httpx.post(f"{flow.url}/search", json={"data": [query]})
    [hit] = answer.json()["data"][0]["hits"]
    assert hit["id"] == row["id"]


def test_more_than_a_hundred_queries_are_all_answered(flow: FlowProcess) -> None:
    queries = [{"text": f"car {i}", "top_k": 1} for i in range(130)]
    answer = httpx.post(f"{flow.url}/search", json={"data": queries}, timeout=PATIENCE)
    assert len(answer.json()["data"]) == 130


def test_documentation_is_served(flow: FlowProcess) -> None:
    document = httpx.get(f"{flow.url}/openapi.json").json()
    assert document["info"]["title"] == "photoseek"
    assert {"/search", "/index", "/readyz"} <= set(document["paths"])
