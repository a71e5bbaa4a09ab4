"""A gateway in front of the product in this process, and in front of a Flow: one suite for both."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.in_process import Running
from tests.support.waiting import PATIENCE

KINDS = ["in-process", pytest.param("flow", marks=pytest.mark.flow)]


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Where the product is: in the gateway's process, or behind it in those of a Flow."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def service(kind: str, request: pytest.FixtureRequest) -> Running:
    """A service with the demo model over the indexed drawings; leave its index as it is."""
    running: Running = request.getfixturevalue("flow" if kind == "flow" else "in_process")
    return running


@pytest.fixture
def http(service: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, trust_env=False, timeout=PATIENCE) as client:
        yield client
