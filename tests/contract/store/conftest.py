"""The stores, each of which keeps what the tests of this folder say."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from photoseek.store import PhotoStore, open_store
from tests.servers.milvus import drop_collection
from tests.servers.search_engines import free_name
from tests.support.stored_photos import MODEL

STORES = {
    "lance": "{folder}/index",
    "memory": "memory:{folder}",
    "lance-on-s3": "{bucket}/index",
    "elastic": "{elastic}",
    "opensearch": "{opensearch}",
    "milvus": "milvus://{milvus}/{name}",
    "milvus-lite": "milvus://{milvus_lite}/{name}",
}
"""The location of an empty index in each store; what stands in braces is each test's own."""

OF_SERVERS = ("bucket", "elastic", "opensearch", "milvus", "milvus_lite")
"""The fixtures that need a server."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", help="the location of another store, such as toy:{folder}/index")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "location_form" in metafunc.fixturenames:
        given = metafunc.config.getoption("--store", None)
        stores = {"given": given} if given else STORES
        metafunc.parametrize("location_form", stores.values(), ids=stores.keys())


@pytest.fixture
def store(
    location_form: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[PhotoStore]:
    needed = [name for name in OF_SERVERS if f"{{{name}}}" in location_form]
    places = {name: request.getfixturevalue(name) for name in needed}
    name = f"test_{uuid.uuid4().hex}"
    location = location_form.format(folder=tmp_path, name=name, **places)
    yield open_store(location, MODEL)
    if location.startswith("milvus"):
        drop_collection(location)


@pytest.fixture
def elastic(elastic_url: str) -> Iterator[str]:
    with free_name("elastic", elastic_url) as location:
        yield location


@pytest.fixture
def opensearch(opensearch_url: str) -> Iterator[str]:
    with free_name("opensearch", opensearch_url) as location:
        yield location
