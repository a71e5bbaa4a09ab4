"""Who may look at the folders of the gateway's machine: the person at it, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from photoseek.gateway.app import create_app
from photoseek.gateway.in_process import InProcessService
from photoseek.gateway.route_policy import THIS_MACHINE
from photoseek.settings import load_settings
from tests.support.gateway_app import KEY, problem

ROUTES = [
    ("POST", f"{THIS_MACHINE}/folders"),
    ("GET", f"{THIS_MACHINE}/run"),
    ("HEAD", f"{THIS_MACHINE}/run"),
    ("POST", f"{THIS_MACHINE}/run"),
    ("POST", f"{THIS_MACHINE}/run/stop"),
    ("DELETE", f"{THIS_MACHINE}/run"),
    ("GET", f"{THIS_MACHINE}/not/invented/yet"),
]
OWN = "http://localhost:8080"


_open = ExitStack()


@pytest.fixture(autouse=True)
def _closed_afterwards() -> Iterator[None]:
    """The threads of services end with the test."""
    with _open:
        yield


def gateway(*, address: str = "127.0.0.1", base: str = OWN, **settings: Any) -> TestClient:
    """A gateway without an index, and somebody who asks from an address."""
    given = load_settings(**settings)
    app = create_app(_open.enter_context(closing(InProcessService.of(given))), given)
    return TestClient(app, base_url=base, client=(address, 50000))


def ask(client: TestClient, method: str, path: str, headers: dict[str, str] | None = None) -> Any:
    body = {"path": "/no/such/folder"} if method == "POST" else None
    return client.request(method, path, headers=headers, json=body)


def offers(client: TestClient, headers: dict[str, str] | None = None) -> bool:
    """Whether the page is told that folders can be chosen."""
    answer = client.get("/api/stats", headers=headers)
    assert answer.status_code == 200, answer.text
    found: bool = answer.json()["folders"]
    return found


def test_every_route_for_this_machine_is_below_its_prefix() -> None:
    paths = [getattr(route, "path", "") for route in gateway().app.routes]  # type: ignore[attr-defined]
    found = [path for path in paths if "folders" in path or "/run" in path]
    assert len(found) == 5
    assert all(path.startswith(f"{THIS_MACHINE}/") for path in found)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("base", [OWN, "http://127.0.0.1:8080", "http://[::1]:8080"])
def test_the_person_at_this_machine_may(address: str, base: str) -> None:
    client = gateway(address=address, base=base)
    assert client.get(f"{THIS_MACHINE}/run").json() == {"run": None}
    assert ask(client, "POST", f"{THIS_MACHINE}/folders").status_code == 422, "no such folder"
    own_page = {"Origin": base, "Sec-Fetch-Site": "same-origin", "Referer": f"{base}/?q=car"}
    assert client.get(f"{THIS_MACHINE}/run", headers=own_page).status_code == 200
    assert offers(client, own_page)


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "0.0.0.0", "api_key": KEY},
        {"host": "0.0.0.0", "api_key": KEY, "published": "127.0.0.1"},
        {"host": "0.0.0.0", "api_key_for": "none"},
        {"host": "192.0.2.7", "api_key": KEY},
        {"allowed_hosts": ["photos.example"], "api_key": KEY},
        {"allowed_hosts": ["*"], "api_key_for": "none"},
        {"encoder": "encoder:8082"},
        {"indexer": "192.0.2.7:8083"},
    ],
)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_may_where_others_reach_the_gateway(
    settings: dict[str, Any], method: str, path: str
) -> None:
    client = gateway(**settings)
    answer = ask(client, method, path, {"X-API-Key": KEY})
    assert answer.status_code == 403
    if method != "HEAD":
        assert "this machine alone reaches" in problem(answer, 403)["detail"]


ELSEWHERE = [
    {"X-Forwarded-For": "1.1.1.1"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "localhost:8080"},
    {"Forwarded": "for=127.0.0.1"},
    {"Via": "1.1 proxy"},
    {"X-Real-IP": "127.0.0.1"},
    {"CF-Connecting-IP": "1.1.1.1"},
    {"Host": "192.0.2.7:8080"},
    {"Host": "10.0.0.7"},
    {"Host": "0.0.0.0:8080"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:9000"},
    {"Origin": "http://127.0.0.1:8080"},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://photos.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": OWN},
    {"Referer": "https://photos.example/"},
    {"Referer": "http://localhost:9000/"},
    {"Referer": "http://localhost:8080@evil.example/"},
]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_whatever_hints_at_somebody_else_is_refused(
    headers: dict[str, str], method: str, path: str
) -> None:
    assert ask(gateway(), method, path, headers).status_code == 403


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
def test_the_page_offers_nothing_that_is_refused(headers: dict[str, str]) -> None:
    client = gateway(api_key=KEY)  # or what comes through a proxy hears nothing at all
    assert not offers(client, headers)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", ""])
def test_a_name_that_leads_here_is_none_of_ours(host: str) -> None:
    for method, path in ROUTES:
        assert ask(gateway(), method, path, {"Host": host}).status_code == 421


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.2", "2001:db8::1", "unknown"])
def test_another_machine_is_refused_however_it_came(address: str) -> None:
    for method, path in ROUTES:
        assert ask(gateway(address=address), method, path).status_code == 403
    assert not offers(gateway(address=address))


def test_a_trusted_proxy_makes_nobody_local() -> None:
    client = gateway(trusted_proxies=["127.0.0.1"], api_key=KEY)
    for client_address in ("127.0.0.1", "1.1.1.1"):
        headers = {"X-Forwarded-For": client_address, "X-API-Key": KEY}
        assert ask(client, "POST", f"{THIS_MACHINE}/folders", headers).status_code == 403


def test_another_site_that_may_use_the_api_may_not_do_this() -> None:
    site = "https://photos.example"
    client = gateway(allowed_origins=[site], api_key=KEY)
    for method, path in ROUTES:
        assert ask(client, method, path, {"Origin": site, "X-API-Key": KEY}).status_code == 403


def test_only_the_folders_that_photos_may_be_read_from_are_shown(tmp_path: Path) -> None:
    (tmp_path / "photos" / "May").mkdir(parents=True)
    client = gateway(photo_roots=[str(tmp_path / "photos"), "s3://bucket/photos"])
    url = f"{THIS_MACHINE}/folders"
    shown = client.post(url, json={}).json()["folders"]
    assert [folder["path"] for folder in shown] == [str(tmp_path / "photos")]
    assert client.post(url, json={"path": str(tmp_path / "photos" / "May")}).status_code == 200
    for outside in (tmp_path, tmp_path / "photos" / "..", Path("/")):
        for path in (url, f"{THIS_MACHINE}/run"):
            answer = client.post(path, json={"path": str(outside)})
            assert "PHOTOSEEK_PHOTO_ROOTS" in problem(answer, 422)["detail"]


@pytest.mark.parametrize("key_for", ["write", "all", "none"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_where_there_is_a_key_it_is_needed(key_for: str, method: str, path: str) -> None:
    client = gateway(api_key=KEY, api_key_for=key_for)
    assert ask(client, method, path).status_code == 401
    assert ask(client, method, path, {"X-API-Key": KEY + "x"}).status_code == 401
    assert ask(client, method, path, {"X-API-Key": KEY}).status_code not in (401, 403)


@pytest.mark.parametrize(
    "path", ["/api/local/../local/run", "//api/local/run", "/API/local/run", "/api/local%2Frun"]
)
def test_no_other_spelling_gets_past_the_key(path: str) -> None:
    answer = gateway(api_key=KEY).get(path)
    assert answer.status_code in (401, 404)
