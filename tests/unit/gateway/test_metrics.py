"""What Prometheus is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from starlette.types import Message

from photoseek.gateway.metrics import Measured, Metrics
from photoseek.sharing import MemoryState
from tests.support.gateway_app import client


def samples(gateway: TestClient) -> dict[tuple[str, ...], float]:
    """Values by name and labels, as Prometheus reads them."""
    answer = gateway.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_by_route_and_status_and_never_by_path() -> None:
    gateway = client(rate_limit=5)
    for number in range(5):
        gateway.get(f"/api/photos/{number}")
        gateway.get(f"/nowhere/{number}")
    for _ in range(6):
        gateway.get("/api/search")
    gateway.request("BREW", "/api/search")
    found = samples(gateway)
    name = "photoseek_http_requests_total"
    assert found[name, "GET", "/api/photos/{photo_id}", "200"] == 5
    assert found[name, "GET", "other", "404"] == 5
    assert found[name, "GET", "/api/search", "200"] == 5
    assert found[name, "GET", "other", "429"] == 1
    assert {method for n, method, *_ in (k for k in found if k[0] == name)} <= {"GET", "other"}
    assert found["photoseek_http_request_seconds_count", "/api/photos/{photo_id}"] == 5
    assert found["photoseek_http_requests_in_flight",] == 1, "this one"


def test_stages_and_photos() -> None:
    found = samples(client())
    assert found["photoseek_stage_seconds_count", "encode"] == 1
    assert found["photoseek_stage_seconds_bucket", "0.025", "encode"] == 1
    assert found["photoseek_stage_seconds_bucket", "0.01", "encode"] == 0
    assert found["photoseek_photos",] == 7
    assert found["photoseek_ready",] == 1


def test_it_answers_when_the_index_does_not() -> None:
    assert samples(client(parts_up=False))["photoseek_ready",] == 0


def test_an_error_is_counted() -> None:
    gateway = client()
    gateway.get("/api/broken")
    assert samples(gateway)["photoseek_http_requests_total", "GET", "/api/broken", "500"] == 1


def test_a_search_that_is_broken_off_is_no_error_of_the_server() -> None:
    metrics = Metrics(MemoryState())

    async def search(*_: Any) -> None:
        raise asyncio.CancelledError

    async def receive() -> Message:
        raise AssertionError

    scope = {"type": "http", "method": "GET", "path": "/api/search"}
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(Measured(search, metrics)(scope, receive, search))
    told = metrics.text(7).decode()
    assert 'photoseek_http_requests_total{method="GET",route="other",status="499"} 1.0' in told
