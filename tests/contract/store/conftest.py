"""The stores, each of which keeps what the tests of this folder say."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.store import PhotoStore, open_store
from tests.support.stored_photos import MODEL

STORES = {
    "lance": "{folder}/index",
    "memory": "memory:{folder}",
    "lance-on-s3": "{bucket}/index",
}
"""The location of an empty index in each store; `{folder}` and `{bucket}` are each test's own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", help="the location of another store, such as toy:{folder}/index")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "location_form" in metafunc.fixturenames:
        given = metafunc.config.getoption("--store", None)
        stores = {"given": given} if given else STORES
        metafunc.parametrize("location_form", stores.values(), ids=stores.keys())


@pytest.fixture
def store(location_form: str, request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStore:
    places = {"folder": str(tmp_path)}
    if "{bucket}" in location_form:
        places["bucket"] = request.getfixturevalue("bucket")
    return open_store(location_form.format(**places), MODEL)
