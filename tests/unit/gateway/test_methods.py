"""HEAD, OPTIONS and `Allow`, on every route of an application."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from photoseek.gateway.middleware.methods import HeadRequests
from photoseek.gateway.middleware.not_modified import NotModified
from tests.support.gateway_app import KEY, client, problem

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def taken(gateway: TestClient) -> dict[str, set[str]]:
    """Every path of the application with what its routes were declared to take."""
    app = gateway.app
    while not isinstance(app, FastAPI):
        app = app.app  # type: ignore[attr-defined]
    found: dict[str, set[str]] = {}
    for route in app.routes:
        path = getattr(route, "path", "").replace("{photo_id}", "a").replace("{path:path}", "a")
        path = path.replace("{name}.{suffix}", "a.b")
        found.setdefault(path, set()).update(getattr(route, "methods", ()))
    return found


GATEWAY = client()
PATHS = taken(GATEWAY)
GOT = sorted(path for path, methods in PATHS.items() if "GET" in methods)


def test_the_routes_are_seen() -> None:
    assert {"/", "/healthz", "/metrics", "/docs", "/openapi.json", "/api/search"} <= set(GOT)
    assert PATHS["/api/search"] == {"GET", "POST"}


@pytest.mark.parametrize("path", GOT)
def test_head_is_get_without_a_body(path: str) -> None:
    with GATEWAY.stream("GET", path) as got:
        expected = dict(got.headers), got.status_code
    answer = GATEWAY.head(path)
    assert answer.status_code == expected[1]
    assert answer.content == b""
    measured = {"content-length"} if path == "/metrics" else set()  # they count themselves
    for name in expected[0].keys() - measured:
        assert answer.headers[name] == expected[0][name]
    assert set(answer.headers) == set(expected[0])


@pytest.mark.parametrize("path", sorted(PATHS))
def test_allow_names_what_all_routes_of_a_path_take(path: str) -> None:
    declared = PATHS[path] | {"OPTIONS"} | ({"HEAD"} if "GET" in PATHS[path] else set())
    answer = GATEWAY.options(path)
    assert answer.status_code == 204
    assert answer.content == b""
    assert set(answer.headers["allow"].split(", ")) == declared
    for method in set(METHODS) - declared:
        refused = GATEWAY.request(method, path)
        assert refused.status_code == 405
        assert refused.headers["allow"] == answer.headers["allow"]


def test_what_is_nowhere_takes_nothing() -> None:
    for method in ("OPTIONS", "HEAD"):
        answer = GATEWAY.request(method, "/nowhere")
        assert answer.status_code == 404
        assert "allow" not in answer.headers


def test_head_needs_the_key_where_get_does() -> None:
    gateway = client(api_key=KEY, api_key_for="all")
    assert gateway.head("/api/search").status_code == 401
    assert gateway.head("/api/search", headers={"X-API-Key": KEY}).status_code == 200
    assert gateway.head("/healthz").status_code == 200
    assert gateway.options("/api/search").status_code == 204


def test_head_counts_as_the_search_that_it_is() -> None:
    gateway = client(rate_limit=4, address="10.0.0.9")
    statuses = [gateway.head("/api/search").status_code for _ in range(6)]
    assert statuses == [200] * 4 + [429] * 2
    problem(gateway.get("/api/search"), 429)


def test_head_is_counted_under_its_own_name() -> None:
    gateway = client()
    gateway.head("/api/photos/a")
    counted = (
        'photoseek_http_requests_total{method="HEAD",route="/api/photos/{photo_id}",status="200"}'
    )
    assert f"{counted} 1.0" in gateway.get("/metrics").text


def test_a_failure_is_told_without_a_body() -> None:
    answer = GATEWAY.head("/api/broken")
    assert answer.status_code == 500
    assert answer.content == b""


def test_head_knows_no_ranges() -> None:
    whole = GATEWAY.head("/docs/swagger-ui.css", headers={"Accept-Encoding": "identity"})
    part = {"Accept-Encoding": "identity", "Range": "bytes=0-9"}
    assert GATEWAY.get("/docs/swagger-ui.css", headers=part).status_code == 206
    answer = GATEWAY.head("/docs/swagger-ui.css", headers=part)
    assert answer.status_code == 200
    assert answer.headers["content-length"] == whole.headers["content-length"]
    assert int(answer.headers["content-length"]) > 10_000


@pytest.mark.parametrize(
    ("layer", "method", "headers"),
    [(HeadRequests, "HEAD", {}), (NotModified, "GET", {"If-None-Match": '"a"'})],
)
def test_a_body_that_nobody_gets_is_not_made(
    layer: Any, method: str, headers: dict[str, str]
) -> None:
    made = []

    async def long(scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": [(b"etag", b'"a"')]}
        await send(start)
        for number in range(1000):
            made.append(number)
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    answer = TestClient(layer(long)).request(method, "/", headers=headers)
    assert answer.content == b""
    assert made == [0]


def asked_again(**headers: str) -> int:
    return GATEWAY.get("/docs/swagger-ui.css", headers=headers).status_code


def test_what_has_not_changed_is_not_sent_again() -> None:
    got = GATEWAY.get("/docs/swagger-ui.css")
    tag, date = got.headers["etag"], got.headers["last-modified"]
    for tags in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        assert asked_again(**{"If-None-Match": tags}) == 304
    assert asked_again(**{"If-None-Match": '"other"'}) == 200
    assert asked_again(**{"If-Modified-Since": date}) == 304
    assert asked_again(**{"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}) == 304
    for other in ("Sat, 01 Jan 2000 00:00:00 GMT", "yesterday", ""):
        assert asked_again(**{"If-Modified-Since": other}) == 200
    both = {"If-None-Match": '"other"', "If-Modified-Since": date}
    assert asked_again(**both) == 200, "the tag knows better than the date"
    again = GATEWAY.get("/docs/swagger-ui.css", headers={"If-None-Match": tag})
    assert again.content == b""
    assert again.headers["etag"] == tag
    assert again.headers["cache-control"] == got.headers["cache-control"]
    assert not [name for name in again.headers if name in ("content-length", "content-type")]
    assert GATEWAY.get("/api/search", headers={"If-None-Match": "*"}).status_code == 200
