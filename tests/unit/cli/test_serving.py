"""What `-t serve` says when it listens."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from photoseek.cli.serve import announce
from photoseek.flow.process import FlowProcess
from photoseek.settings import load_settings


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({}, False),
        ({"api_key_for": "none"}, False),
        ({"host": "0.0.0.0", "api_key_for": "none"}, True),
        ({"allowed_hosts": ["photos.example.org"], "api_key_for": "none"}, True),
        ({"host": "0.0.0.0", "api_key": "correct-horse-battery"}, False),
    ],
)
def test_it_warns_when_everyone_may_change_the_index(
    settings: dict[str, Any], warned: bool
) -> None:
    text = StringIO()
    flow = FlowProcess(load_settings(**settings), private=False)
    announce(flow.settings, flow.url, Console(file=text, width=200))
    assert "page  http://127.0.0.1:8080" in text.getvalue()
    assert ("Everyone who reaches it may change the index" in text.getvalue()) is warned
    assert "battery" not in text.getvalue()


@pytest.mark.parametrize("grpc", [True, False])
def test_it_names_grpc_where_that_is_answered(grpc: bool) -> None:
    text = StringIO()
    console = Console(file=text, width=200)
    announce(load_settings(), "http://127.0.0.1:8080", console, grpc=grpc)
    assert ("grpc://127.0.0.1:8081" in text.getvalue()) is grpc
