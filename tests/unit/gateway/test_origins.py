"""Names that are ours, pages that are not, and the headers that tell browsers so."""

from __future__ import annotations

import pytest

from tests.support.gateway_app import KEY, client, problem


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "192.0.2.7", "photos"]
)
def test_it_answers_to_itself(host: str) -> None:
    gateway = client(host="photos")
    assert gateway.get("/api/search", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "[::1",
        "[localhost]",
        "localhost:80:80",
        "evil.example@localhost",
    ],
)
def test_a_name_that_leads_here_is_not_enough(host: str) -> None:
    for path in ("/api/search", "/", "/nowhere"):
        answer = client().get(path, headers={"Host": host})
        assert "PHOTOSEEK_ALLOWED_HOSTS" in problem(answer, 421)["detail"]


def test_names_can_be_added() -> None:
    gateway = client(allowed_hosts=["photos.example", "*.intra.example"])

    def status(host: str) -> int:
        return gateway.get("/api/search", headers={"Host": host}).status_code

    assert status("photos.example:443") == status("a.b.intra.example") == 200
    assert status("intra.example") == status("a.photos.example") == status("xintra.example") == 421
    anything = client(allowed_hosts=["*"]).get("/api/search", headers={"Host": "evil.example"})
    assert anything.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://localhost:9000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8080"},
    ],
)
@pytest.mark.parametrize("path", ["/api/photos", "/delete", "/search", "/api/session"])
def test_another_sites_page_can_do_nothing_here(headers: dict[str, str], path: str) -> None:
    assert "may not do this" in problem(client().post(path, headers=headers), 403)["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:8080"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://seen-through-a-proxy.example"},
    ],
)
def test_our_own_page_and_programs_can(headers: dict[str, str]) -> None:
    assert client().post("/delete", headers=headers).status_code == 200


def test_no_origin_is_allowed_unless_it_is_named() -> None:
    site = "https://photos.example"
    asked = {"Origin": site, "Access-Control-Request-Method": "DELETE"}
    closed = client().options("/api/photos/a", headers=asked)
    assert "access-control-allow-origin" not in closed.headers
    gateway = client(allowed_origins=[site], api_key=KEY)
    allowed = gateway.options("/api/photos/a", headers=asked)
    assert allowed.headers["access-control-allow-origin"] == site
    refused = gateway.delete("/api/photos/a", headers={"Origin": site})
    assert refused.headers["access-control-allow-origin"] == site, "the page reads why"
    problem(refused, 401)
    done = gateway.delete("/api/photos/a", headers={"Origin": site, "X-API-Key": KEY})
    assert done.status_code == 200
    assert "access-control-allow-credentials" not in done.headers
    for other in ("https://photos.example.evil.example", "http://photos.example", "null"):
        answer = gateway.get("/api/search", headers={"Origin": other})
        assert "access-control-allow-origin" not in answer.headers
        problem(gateway.delete("/api/photos/a", headers={"Origin": other, "X-API-Key": KEY}), 403)


@pytest.mark.parametrize("path", ["/", "/docs", "/api/search", "/nowhere", "/api/broken"])
def test_every_answer_has_the_headers(path: str) -> None:
    headers = client().get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
