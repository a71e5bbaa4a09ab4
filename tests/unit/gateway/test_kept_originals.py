"""Originals that the index keeps, for a gateway that may not reach it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from executors.vector_indexer.executor import VectorIndexer
from photoseek.flow.flow_service import FlowService
from photoseek.gateway.app import create_app
from photoseek.settings import load_settings
from photoseek.store import open_originals, open_store
from tests.support.protobuf import Wire
from tests.support.stored_photos import MODEL, encoded, hash_of

URL = "http://127.0.0.1:9/photo.png"


@pytest.fixture
def wire(index: Path) -> Iterator[Wire]:
    indexer = VectorIndexer()
    yield Wire(indexer)
    indexer.close()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index that keeps one photo of four and has lost two; none of them is in its place."""
    monkeypatch.setenv("PHOTOSEEK_INDEX", str(tmp_path / "index"))
    kept = replace(encoded(1, uri=URL), keep="original", original=b"pixels")
    lost = [
        replace(encoded(number, uri=uri), keep="original", original=b"lost")
        for number, uri in ((2, "/gone.png"), (4, URL))
    ]
    open_store(tmp_path / "index", MODEL).upsert([kept, *lost, encoded(3, uri=URL)])
    open_originals(tmp_path / "index").remove([photo.content_hash for photo in lost])
    return tmp_path / "index"


def ask(wire: Wire, reached: Path, photo_id: str) -> tuple[Any, Any]:
    """The original of a photo and a zip with it, from a gateway that looks there for the index."""
    app = wire.app(load_settings(index=str(reached), uploads="off"))
    client = TestClient(app, base_url="http://localhost", follow_redirects=False)
    zipped = client.post("/api/photos/zip", json={"ids": [photo_id]})
    return client.get(f"/api/photos/{photo_id}/original"), zipped


@pytest.mark.parametrize("is_reached", [True, False])
def test_what_is_kept_is_read_here_or_asked_for(
    wire: Wire, index: Path, tmp_path: Path, is_reached: bool
) -> None:
    answer, zipped = ask(wire, index if is_reached else tmp_path / "elsewhere", "p00001")
    assert (answer.status_code, answer.content) == (200, b"pixels")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["etag"] == f'"{hash_of(1)}"'
    assert b"pixels" in zipped.content
    assert wire.asked == (["/photos"] * 2 if is_reached else ["/photos", "/blobs"] * 2)


def test_an_indexer_of_the_version_before_is_asked_as_it_knows(wire: Wire, tmp_path: Path) -> None:
    """As long as an upgrade lasts, which begins with the gateway or with the indexer."""

    async def stream_docs(docs: Any, exec_endpoint: str, **more: Any) -> AsyncIterator[Any]:
        if exec_endpoint == "/blobs":  # Jina passes by what an executor has no method for
            yield SimpleNamespace(docs=docs)
            return
        known = "/blobs" if exec_endpoint == "/kept" else exec_endpoint
        async for answer in wire.stream_docs(docs, known, **more):
            yield answer

    settings = load_settings(index=str(tmp_path / "elsewhere"), uploads="off")
    app = create_app(FlowService(stream_docs, settings, wire.parts_are_up), settings)
    client = TestClient(app, base_url="http://localhost")
    assert client.get("/api/photos/p00001/original").content == b"pixels"
    assert client.get("/api/photos/p00001/thumbnail").content == b"thumbnail of 1"


def test_a_thumbnail_that_was_asked_for_lately_costs_no_second_call(
    wire: Wire, index: Path, tmp_path: Path
) -> None:
    app = wire.app(load_settings(index=str(tmp_path / "elsewhere"), uploads="off"))
    client = TestClient(app, base_url="http://localhost")
    for number in (1, 1, 3, 3):
        link = f"/api/photos/p{number:05}/thumbnail?v={hash_of(1)}"
        assert client.get(link).content == f"thumbnail of {number}".encode(), "as the index has it"
    assert wire.asked == ["/blobs"] * 2


def test_what_is_not_kept_costs_no_second_call(wire: Wire, index: Path) -> None:
    answer, zipped = ask(wire, index, "p00003")
    assert (answer.status_code, answer.headers["location"]) == (307, URL)
    assert b"attributions.csv" in zipped.content
    assert wire.asked == ["/photos"] * 2


def test_what_the_index_lost_is_told_or_looked_for_where_it_lies(wire: Wire, index: Path) -> None:
    answer, zipped = ask(wire, index, "p00002")
    assert answer.status_code == 503
    assert "is missing from the index" in answer.json()["detail"]
    assert b"There is no such file" in zipped.content
    answer, zipped = ask(wire, index, "p00004")
    assert (answer.status_code, answer.headers["location"]) == (307, URL)
    assert b"private" in zipped.content, "the reason why it could not be fetched from there"
