"""Clients that hang up before they are answered: their searches keep nobody waiting."""

from __future__ import annotations

import socket
import time
from itertools import count

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.in_process import Running
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.xdist_group("flow")  # one worker, so that one Flow is enough

BROKEN_OFF = {"method": "GET", "route": "/api/search", "status": "499"}


def hang_up(service: Running, query: str) -> None:
    address = ("127.0.0.1", service.settings.http_port)
    with socket.create_connection(address, PATIENCE) as connection:
        connection.sendall(
            f"GET /api/search?q={query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        )


def told(http: httpx.Client, name: str, labels: dict[str, str]) -> float:
    families = text_string_to_metric_families(http.get("/metrics").text)
    samples = [sample for family in families for sample in family.samples]
    return sum(each.value for each in samples if each.name == name and each.labels == labels)


def test_searches_of_clients_that_are_gone_are_broken_off(
    service: Running, http: httpx.Client
) -> None:
    """Whether one is still at work when its client hangs up is a matter of chance: a few times."""
    before = http.get("/api/search?q=red+car&limit=3").json()["hits"]
    ends = time.monotonic() + PATIENCE
    for number in count():
        for other in range(8):
            hang_up(service, f"word{number}+of{other}+" + "long+" * 20)
        while told(http, "photoseek_http_requests_in_flight", {}) > 1:  # that one is this one
            assert time.monotonic() < ends
        if told(http, "photoseek_http_requests_total", BROKEN_OFF):
            break
        assert time.monotonic() < ends, "none was broken off"
    assert http.get("/api/search?q=red+car&limit=3").json()["hits"] == before
    assert http.get("/readyz").status_code == 200
