"""Requests that are made up, to the endpoints that only a Flow has."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.client import Client
from photoseek.flow.process import FlowProcess
from tests.support import made_up_requests

pytestmark = pytest.mark.xdist_group("flow")  # one worker, so that one Flow is enough

PATHS = "^/(search|index|delete|known|status|photos|blobs|facets)"


def test_whatever_is_sent_nothing_breaks(flow: FlowProcess, client: Client, tmp_path: Path) -> None:
    photos = client.status().photos
    made_up_requests.send(flow.url, PATHS, tmp_path)
    assert client.status().photos == photos
