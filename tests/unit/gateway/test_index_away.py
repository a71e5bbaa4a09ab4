"""What the gateway says while the index is gone, and how its executors log it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from executors.vector_indexer.executor import VectorIndexer
from photoseek.errors import DamagedStoreError, SilentStoreError
from photoseek.helpers.program import command
from photoseek.settings import load_settings
from photoseek.store import open_store
from tests.support.protobuf import Wire
from tests.support.stored_photos import MODEL, encoded


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHOTOSEEK_INDEX", str(tmp_path / "index"))
    open_store(tmp_path / "index", MODEL).upsert([encoded(1)])
    return tmp_path / "index"


@pytest.fixture
def client(index: Path) -> Iterator[TestClient]:
    indexer = VectorIndexer()
    settings = load_settings(index=str(index), uploads="off")
    yield TestClient(Wire(indexer).app(settings), base_url="http://localhost")
    indexer.close()


def test_an_index_that_is_gone_is_told_of_until_it_is_back(
    client: TestClient, index: Path, tmp_path: Path
) -> None:
    paths = ["/api/stats", "/api/facets", "/api/search", "/api/photos/p00001"]
    assert {client.get(path).status_code for path in paths} == {200}
    index.rename(tmp_path / "aside")
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 503
        assert "is gone" in answer.json()["detail"]
        assert f"make a new one with: {command('index')}" in answer.json()["detail"]
    (tmp_path / "aside").rename(index)
    assert {client.get(path).status_code for path in paths} == {200}


@pytest.mark.parametrize(
    ("error", "has_stack"),
    [(SilentStoreError("silent"), False), (DamagedStoreError("damaged"), True)],
)
def test_what_is_told_in_words_is_logged_without_its_stack(
    error: Exception, has_stack: bool, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise error
    except Exception:
        logging.getLogger("indexer").exception("failed")
    assert ("Traceback" in caplog.text) == has_stack
