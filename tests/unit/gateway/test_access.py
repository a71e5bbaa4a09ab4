"""The key: what needs it, how it travels, and what a browser keeps of it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from photoseek.gateway.access import COOKIE, SESSION_SECONDS, Access
from tests.support.gateway_app import KEY, client, problem

READS = [
    ("GET", "/api/search"),
    ("POST", "/api/search"),
    ("POST", "/search"),
    ("GET", "/api/photos/a"),
    ("GET", "/api/photos/a/thumbnail"),
    ("GET", "/metrics"),
]
WRITES = [
    ("POST", "/api/photos"),
    ("DELETE", "/api/photos/a"),
    ("POST", "/delete"),
    ("POST", "/index"),
    ("POST", "/maintain"),
    ("PATCH", "/api/not/invented/yet"),
]
OPEN = [
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
]


@pytest.mark.parametrize(("method", "path"), READS + WRITES + OPEN)
def test_without_a_key_nothing_needs_one(method: str, path: str) -> None:
    assert client().request(method, path).status_code != 401


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("key_for", ["write", "all"])
def test_changes_need_the_key(method: str, path: str, key_for: str) -> None:
    gateway = client(api_key=KEY, api_key_for=key_for)
    answer = gateway.request(method, path)
    assert "needs the gateway's key" in problem(answer, 401)["detail"]
    assert answer.headers["www-authenticate"].startswith("Bearer")
    for wrong in (b"", KEY[:-1].encode(), KEY.encode() + b"x", b"\xe9" * 20):
        answer = gateway.request(method, path, headers={b"X-API-Key": wrong})
        assert problem(answer, 401)["detail"] == "The key is not the gateway's."
    for right in ({"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}):
        assert gateway.request(method, path, headers=right).status_code != 401


@pytest.mark.parametrize(("method", "path"), READS)
def test_searching_needs_the_key_when_all_does(method: str, path: str) -> None:
    assert client(api_key=KEY).request(method, path).status_code != 401
    private = client(api_key=KEY, api_key_for="all")
    problem(private.request(method, path), 401)
    assert private.request(method, path, headers={"X-API-Key": KEY}).status_code != 401


@pytest.mark.parametrize(("method", "path"), OPEN)
def test_the_page_health_and_the_documentation_never_need_it(method: str, path: str) -> None:
    assert client(api_key=KEY, api_key_for="all").request(method, path).status_code == 200


def logged_in(**settings: Any) -> TestClient:
    browser = client(api_key=KEY, api_key_for="all", **settings)
    assert browser.post("/api/session", json={"key": KEY}).status_code == 204
    return browser


def test_a_session_stands_for_the_key_and_does_not_hold_it() -> None:
    browser = client(api_key=KEY, api_key_for="all")
    cookie = browser.post("/api/session", json={"key": KEY}).headers["set-cookie"].lower()
    assert KEY not in cookie
    assert {"httponly", "samesite=strict", "path=/"} <= set(cookie.split("; "))
    assert "secure" not in cookie.split("; ")
    assert browser.get("/api/photos/a/thumbnail").status_code == 200
    assert browser.delete("/api/session", headers={"Origin": "http://localhost:8080"}).is_success
    problem(browser.get("/api/photos/a/thumbnail"), 401)


def test_over_https_the_cookie_stays_there() -> None:
    browser = client(api_key=KEY, trusted_proxies=["127.0.0.1"])
    headers = {"X-Forwarded-Proto": "https"}
    answer = browser.post("/api/session", json={"key": KEY}, headers=headers)
    assert "secure" in answer.headers["set-cookie"].lower().split("; ")


def test_a_wrong_key_makes_no_session() -> None:
    browser = client(api_key=KEY, api_key_for="all")
    for body in ({"key": "wrong"}, {"key": ""}):
        answer = browser.post("/api/session", json=body)
        problem(answer, 401)
        assert "set-cookie" not in answer.headers
    answer = browser.post("/api/session", json={"key": "secret " * 100})
    assert "secret" not in str(problem(answer, 422))


def test_a_change_by_cookie_must_come_from_our_own_page() -> None:
    browser = logged_in()
    for own in ({"Origin": "http://localhost:8080"}, {"Sec-Fetch-Site": "same-origin"}):
        assert browser.delete("/api/photos/a", headers=own).status_code == 200
    problem(browser.delete("/api/photos/a"), 401)
    for other in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}):
        problem(browser.delete("/api/photos/a", headers=other), 403)
    assert browser.get("/api/search").status_code == 200


def test_a_session_ends_and_cannot_be_made_up() -> None:
    now = 1_000_000.0
    access = Access(KEY, "all", now=lambda: now)
    session = access.new_session()
    assert access.is_session(session)
    expires, _, signature = session.partition(".")
    made_up = ["", ".", "x", expires, f"{int(expires) + 1}.{signature}", f"{expires}.", "\ud800.é"]
    assert not any(map(access.is_session, made_up))
    assert not Access("another-key-of-its-own", "all", now=lambda: now).is_session(session)
    now += SESSION_SECONDS
    assert not access.is_session(session)


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/api/stats", {}),
        ("GET", "/api/photos/a/thumbnail", {}),
        ("DELETE", "/api/photos/a", {}),
        ("POST", "/api/session", {"json": {"key": "wrong"}}),
    ],
)
def test_guessing_is_slowed_wherever_it_is_tried(
    method: str, path: str, more: dict[str, Any]
) -> None:
    gateway = client(api_key=KEY, api_key_for="all", rate_limit=5)
    headers = {} if more else {"X-API-Key": "wrong"}
    answers = [gateway.request(method, path, headers=headers, **more) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    right = gateway.get("/api/photos/a", headers={"X-API-Key": KEY})
    assert right.status_code == 429, "or it would tell that this one is right"


def test_others_guesses_slow_nobody() -> None:
    gateway = client(api_key=KEY, api_key_for="all", trusted_proxies=["127.0.0.1"], rate_limit=2)
    guesser = {"X-Forwarded-For": "1.1.1.1", "X-API-Key": "wrong"}
    for _ in range(5):
        gateway.get("/api/photos/a", headers=guesser)
    owner = {"X-Forwarded-For": "2.2.2.2", "X-API-Key": KEY}
    assert [gateway.get("/api/photos/a", headers=owner).status_code for _ in range(9)] == [200] * 9


def test_a_key_in_the_headers_goes_before_the_cookie() -> None:
    browser = logged_in()
    assert browser.cookies[COOKIE]
    problem(browser.get("/api/search", headers={"X-API-Key": "wrong"}), 401)


FORWARDED = [
    {"X-Forwarded-For": "192.0.2.7"},
    {"X-Real-IP": "192.0.2.7"},
    {"Forwarded": "for=192.0.2.7"},
    {"Via": "1.1 proxy"},
]


@pytest.mark.parametrize(("method", "path"), READS + WRITES)
@pytest.mark.parametrize("proxy", FORWARDED, ids=lambda proxy: str(*proxy))
def test_without_a_key_nothing_is_told_through_a_proxy(
    method: str, path: str, proxy: dict[str, str]
) -> None:
    answer = client(trusted_proxies=["127.0.0.1"]).request(method, path, headers=proxy)
    assert "PHOTOSEEK_API_KEY_FOR=none" in problem(answer, 403)["detail"]
    for key in (None, KEY):
        open_to_all = client(api_key=key, api_key_for="none")
        assert open_to_all.request(method, path, headers=proxy).status_code not in (401, 403)
    with_key = client(api_key=KEY, api_key_for="all")
    assert with_key.request(method, path, headers=proxy).status_code == 401


@pytest.mark.parametrize(("method", "path"), OPEN)
def test_the_page_and_health_come_through_a_proxy(method: str, path: str) -> None:
    assert client().request(method, path, headers=FORWARDED[0]).status_code == 200
