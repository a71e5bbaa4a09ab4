"""How many searches an indexer makes at once; Lance starts threads for each of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from docarray import DocList

from executors.vector_indexer.executor import VectorIndexer
from photoseek.flow.conversion import put_model
from photoseek.flow.documents import EncodedPartDoc, EncodedQueryDoc
from photoseek.helpers.query_threads import DISK_THREADS, THREADS
from photoseek.store import open_store
from tests.support.stored_photos import MODEL, encoded, vector_of

SEARCHES = 4 * THREADS


@pytest.fixture
def indexer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VectorIndexer]:
    """One whose index lies on this disk."""
    open_store(tmp_path / "index", MODEL).upsert([encoded(number) for number in range(3)])
    monkeypatch.setenv("PHOTOSEEK_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("PHOTOSEEK_SEARCH_SECONDS", "600")
    indexer = VectorIndexer()
    yield indexer
    indexer.close()


def _searching() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("query_")}


def test_few_searches_read_the_disk_at_once(indexer: VectorIndexer) -> None:
    part = EncodedPartDoc(embedding=vector_of(1))
    query = EncodedQueryDoc(top_k=2, parts=DocList[EncodedPartDoc]([part]))
    put_model(query, MODEL)
    before = _searching()
    results = asyncio.run(indexer.search(DocList[EncodedQueryDoc]([query] * SEARCHES)))
    assert [len(result.hits) for result in results] == [2] * SEARCHES
    assert 1 <= len(_searching() - before) <= DISK_THREADS < SEARCHES
