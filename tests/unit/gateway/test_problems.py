"""Every error over HTTP is a problem document, in words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from photoseek.gateway.middleware import body_limit as limits
from photoseek.gateway.problems import MAX_ERRORS
from tests.support.gateway_app import client, problem


def test_a_route_gives_a_reason_and_what_programs_want() -> None:
    answer = client().post("/api/photos", files={"file": ("a.jpg", b"x")})
    assert problem(answer, 409) == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "These bytes are in the index.",
        "instance": "/api/photos",
        "id": "a.jpg",
    }


def test_unknown_paths_and_methods() -> None:
    assert "Nothing is at /nowhere" in problem(client().get("/nowhere"), 404)["detail"]
    assert problem(client().get("/no%20where"), 404)["instance"] == "/no%20where"
    person = client().get("/<no>", headers={"Accept": "text/html,*/*"})
    assert person.status_code == 404
    assert "Nothing is at /&lt;no&gt;." in person.text
    assert '<a href="./">' in person.text
    deep = client().get("/a/b%2Fc/d?e=/f", headers={"Accept": "text/html"})
    assert '<a href="../../">' in deep.text
    assert '<link rel="stylesheet" href="../../plain/style.css">' in deep.text
    assert "Nothing is at /a/b/c/d." in deep.text
    problem(client().get("/api/nowhere", headers={"Accept": "text/html"}), 404)
    answer = client().put("/api/search")
    assert "does not take PUT" in problem(answer, 405)["detail"]
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_a_body_that_cannot_be_read_is_told_in_our_words() -> None:
    answer = client().post("/api/search", content=b"hello", headers={"Content-Type": "text/plain"})
    assert "with Content-Type: application/json" in problem(answer, 422)["detail"]
    kind = {"Content-Type": "application/json"}
    deep = client().post("/api/search", content=b"[" * 100_000, headers=kind)
    assert "lists in it are too deep" in problem(deep, 400)["detail"]


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        (b'{"limit": 1000}', "limit", "Give 100 at most; it is 1000"),
        (b'{"limit": "many"}', "limit", "Give a whole number; it is 'many'"),
        (
            b'{"query": [{"text": "a"}, {"text": "abcdefghijk"}]}',
            "query[1].text",
            "Give 10 characters at most",
        ),
        (b'{"query": [{"weight": 1}]}', "query[0].text", "It is missing"),
        (b'{"query": [{"text": "car", "weight": 11}]}', "query[0].weight", "it is 11"),
        (b'{"query": 5}', "query", "Give a text or a list; it is 5"),
        (b'{"query": null}', "query", "Give a text or a list"),
        (b'{"limit": 1', "body", "It is no JSON"),
        (b"", "body", "It is missing"),
        (b'"text"', "body", "Send an object in JSON"),
        (b'{"query": [{"text": "\\ud800"}]}', "query[0].text", "Give a text"),
    ],
)
def test_a_wrong_member_is_named_by_its_path(body: bytes, path: str, message: str) -> None:
    headers = {"Content-Type": "application/json"}
    document = problem(client().post("/api/search", content=body, headers=headers), 422)
    [named] = [e for e in document["errors"] if e["path"] == path and message in e["message"]]
    assert f"{path}: {named['message']}" in document["detail"]


def test_only_the_form_that_a_body_has_is_complained_about() -> None:
    document = problem(client().post("/api/search", json={"query": [{"weight": 1}]}), 422)
    assert [error["path"] for error in document["errors"]] == ["query[0].text"]


def test_a_wrong_parameter_is_named() -> None:
    document = problem(client().get("/api/search?limit=many"), 422)
    assert document["detail"].startswith("limit: Give a whole number")
    assert document["detail"].endswith("it is 'many'")


def test_of_many_wrong_members_the_sentence_names_some() -> None:
    document = problem(client().post("/api/search", json={"query": [{}] * 50}), 422)
    assert len(document["errors"]) == 50
    assert document["detail"].endswith("; and 45 more")


def test_of_very_many_wrong_members_some_are_looked_at() -> None:
    document = problem(client().post("/api/search", json={"query": [1] * 50_000}), 422)
    assert 5 < len(document["errors"]) <= MAX_ERRORS


def test_an_unexpected_error_tells_nothing_but_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    answer = client().get("/api/broken")
    problem(answer, 500)
    assert "swordfish" not in answer.text
    assert "swordfish" in caplog.text
    assert "nosniff" in answer.headers["x-content-type-options"]


@pytest.mark.parametrize("path", ["/api/search", "/api/search/image"])
def test_a_body_over_the_limit(path: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield from [b"x" * 600_000] * 3

    with client(max_request_megabytes=1) as small:
        for body in (b"x" * 1_000_001, chunks()):
            document = problem(small.post(path, content=body), 413)
            assert "larger than 1 MB" in document["detail"]


@pytest.mark.parametrize("path", ["/api/search", "/api/search/image"])
def test_a_body_of_too_many_members(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_MEMBERS", 1_000)
    headers = {"Content-Type": "application/json"}
    for member in (b"[],", b"{},", b"1,"):
        body = b'{"query": [' + member * 1_000 + b"0]}"
        document = problem(client().post(path, content=body, headers=headers), 413)
        assert "more than 1000 members" in document["detail"]
    picture = {"file": ("a.jpg", b"[,{" * 1_000)}
    assert client().post(path, files=picture).status_code != 413


def test_a_body_with_two_lengths() -> None:
    headers = {"Content-Length": "5", "Transfer-Encoding": "chunked"}
    answer = client().post("/api/search", content=b"{}", headers=headers)
    assert "and not both" in problem(answer, 400)["detail"]
    assert answer.headers["connection"] == "close"


def test_the_log_of_requests_has_no_queries(caplog: pytest.LogCaptureFixture) -> None:
    client()
    line = '%s - "%s %s HTTP/%s" %d'
    asked = ("1.2.3.4:5", "GET", "/api/stats?api_key=swordfish", "1.1", 200)
    with caplog.at_level(logging.INFO, "uvicorn.access"):
        logging.getLogger("uvicorn.access").info(line, *asked)
    assert caplog.messages == ['1.2.3.4:5 - "GET /api/stats HTTP/1.1" 200']


def test_health() -> None:
    assert client().get("/healthz").json() == {"status": "alive"}
    assert client().get("/readyz").json() == {"status": "ready"}
    down = client(parts_up=False)
    assert down.get("/healthz").status_code == 200
    assert "part of the service is down" in problem(down.get("/readyz"), 503)["detail"]


@pytest.mark.parametrize(
    "sent",
    [
        {"files": {"image": ("a.jpg", b"x")}},
        {"content": b"x", "headers": {"Content-Type": "image/jpeg"}},
        {"data": {"file": "a.jpg"}},
        {"json": {}},
        {},
    ],
)
def test_who_sends_no_file_is_told_how_to(sent: dict[str, Any]) -> None:
    detail = problem(client().post("/api/photos", **sent), 422)["detail"]
    assert detail.startswith("file: Send the picture as multipart/form-data, as a field named file")
    assert "class" not in detail
