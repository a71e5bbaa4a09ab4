"""What tests of all engines share: a place in each of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.servers.milvus import KINDS, drop_collection
from tests.servers.search_engines import ENGINES, free_name


@pytest.fixture(params=[*ENGINES, *KINDS])
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where nothing is yet."""
    if request.param in ENGINES:
        url = request.getfixturevalue(f"{request.param}_url")
        with free_name(request.param, url) as location:
            yield location
    else:
        server = request.getfixturevalue(request.param)
        location = f"milvus://{server}/test_{uuid.uuid4().hex}"
        yield location
        drop_collection(location)
