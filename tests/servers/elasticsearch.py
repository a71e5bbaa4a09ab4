"""Search engines that run already, for the tests of stores in them.

A variable names one, such as PHOTOSEEK_TEST_ELASTICSEARCH=http://127.0.0.1:9200; its official image
is the shortest way to have one. Without the variable its tests are left out.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

VARIABLES = {
    "elastic": "PHOTOSEEK_TEST_ELASTICSEARCH",
    "opensearch": "PHOTOSEEK_TEST_OPENSEARCH",
}

_GIVEN = {dialect: os.environ.get(name, "") for dialect, name in VARIABLES.items()}
"""What they say before a test begins, in which no setting of this machine counts."""


def server_url(dialect: str) -> str:
    """The URL of a server that runs; without one, the test is left out."""
    url = _GIVEN[dialect].rstrip("/")
    if not url:
        pytest.skip(f"{VARIABLES[dialect]} names no server, such as http://127.0.0.1:9200")
    httpx.get(f"{url}/_cluster/health", params={"wait_for_status": "yellow"}).raise_for_status()
    return url


@contextmanager
def free_name(dialect: str, url: str) -> Iterator[str]:
    """The location of an index that is not there yet; what is made there goes afterwards."""
    name = f"test-{uuid.uuid4().hex}"
    yield f"{dialect}+{url}/{name}"
    httpx.delete(f"{url}/{name}-000001", params={"ignore_unavailable": "true"}).raise_for_status()
