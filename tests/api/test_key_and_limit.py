"""The gateway's key, limits and numbers over its real port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from photoseek import PhotoSearch
from photoseek.client import Client
from photoseek.errors import ServiceError
from photoseek.settings import load_settings
from tests.support.in_process import Running, running_service

KEY = "correct-horse-battery"
PER_MINUTE = 100


@pytest.fixture(scope="module")
def keyed(drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with a key for changes and a limit, over the indexed drawings."""
    settings = load_settings(
        index=str(tmp_path_factory.mktemp("keyed") / "index"),
        model="demo",
        api_key=KEY,
        rate_limit=PER_MINUTE,
    )
    with PhotoSearch(settings) as search:
        search.index(drawings)
    with running_service(settings) as service:
        yield service


def test_changes_need_the_key_and_searches_do_not(keyed: Running) -> None:
    with Client(keyed.url) as stranger, Client(keyed.url, api_key=KEY) as owner:
        assert stranger.search("car").hits
        with pytest.raises(ServiceError, match="wants its key. Set PHOTOSEEK_API_KEY"):
            stranger.delete(["no-such-photo"])
        with pytest.raises(ServiceError, match="wants its key"):
            stranger.index_batch([], [])
        assert owner.delete(["no-such-photo"]) == 0


def test_prometheus_learns_what_the_index_holds(keyed: Running) -> None:
    assert httpx.get(f"{keyed.url}/api/search", params={"q": "car"}).status_code == 200
    numbers = httpx.get(f"{keyed.url}/metrics").text
    assert "\nphotoseek_photos 60.0\n" in numbers
    assert "\nphotoseek_ready 1.0\n" in numbers
    assert 'route="/api/search",status="200"' in numbers


def test_a_page_that_calls_this_machine_by_its_own_name_is_refused(keyed: Running) -> None:
    answer = httpx.get(f"{keyed.url}/openapi.json", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_nobody_gets_more_by_claiming_to_be_others(keyed: Running) -> None:
    with httpx.Client(base_url=keyed.url) as client:
        for number in range(3 * PER_MINUTE):
            headers = {"X-Forwarded-For": f"192.0.2.{number}"}
            answer = client.post("/api/search", json={}, headers=headers)
            if answer.status_code == 429:
                break
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    with Client(keyed.url) as patient:
        assert patient.search("car").hits, "it waits as long as it is told to"
