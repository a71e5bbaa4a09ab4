"""A gateway that asks its clients to wait, and one that sends them elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from photoseek.client.asking import Request
from photoseek.client.http import PATIENCE, Connection
from photoseek.errors import ServiceError
from tests.support.tls import photos_example
from tests.support.web_server import Handler, Route, running_server


def busy(times: int) -> Route:
    def answer(handler: Handler) -> None:
        if handler.server.calls[handler.path] <= times:
            body = json.dumps({"detail": "Too many requests at once."}).encode()
            handler.answer(429, body, Retry_After="0")
        else:
            handler.answer(200, b"{}")

    return answer


def test_a_busy_gateway_is_asked_again_when_it_says_so() -> None:
    with running_server({"/api/status": busy(3)}) as server:
        connection = Connection(server.url, None, 20)
        assert connection.send(Request("GET", "/api/status")).json() == {}
        assert server.calls["/api/status"] == 4
        connection.close()


def test_a_gateway_that_stays_busy_is_given_up() -> None:
    with running_server({"/api/status": busy(1000)}) as server:
        connection = Connection(server.url, None, 20)
        with pytest.raises(ServiceError, match="Too many requests at once"):
            connection.send(Request("GET", "/api/status"))
        assert server.calls["/api/status"] == PATIENCE
        connection.close()


def test_whom_a_gateway_names_over_https_has_to_prove_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with photos_example(tmp_path, monkeypatch) as stranger:
        elsewhere = f"https://127.0.0.1:{stranger.server_port}/api/status"
        redirects = {"/api/status": lambda handler: handler.answer(307, Location=elsewhere)}
        with running_server(redirects) as server:
            connection = Connection(server.url, None, 20)
            with pytest.raises(ServiceError, match="certificate verify failed"):
                connection.send(Request("GET", "/api/status"))
            connection.close()
