"""A Milvus server that goes away in the middle of a run, and comes back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from photoseek.errors import StoreError
from photoseek.helpers.deadlines import within
from photoseek.helpers.ports import free_ports
from photoseek.store import PhotoStore, open_store
from tests.servers.milvus import running_package
from tests.support.stored_photos import MODEL, encoded, vector_of

LITE = "milvus_lite"  # it is there again in seconds; a whole server takes a minute


def test_a_run_waits_for_a_server_that_is_away_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOSEEK_BLOBS", str(tmp_path / "blobs"))
    [port] = free_ports(1)
    with running_package(LITE, tmp_path, port) as address:
        store = open_store(f"milvus://{address}/photos", MODEL)
        store.upsert([encoded(n) for n in range(10)])
    with within(60), pytest.raises(StoreError, match="does not answer, or is not ready yet. Start"):
        store.search(vector_of(1), 3)  # who waits for an answer is told soon
    errors: list[Exception] = []
    run = threading.Thread(target=_index, args=(store, errors))
    run.start()
    with running_package(LITE, tmp_path, port):
        run.join()
        assert errors == []
        assert store.count() == 30
        assert set(store.known(f"p{n:05}" for n in range(40))) == {f"p{n:05}" for n in range(30)}


def _index(store: PhotoStore, errors: list[Exception]) -> None:
    """Two batches of a run, of which one has photos that are there already."""
    try:
        for start in (0, 15):
            photos = [encoded(n) for n in range(start, start + 15)]
            store.known(each.photo.id for each in photos)
            store.upsert(photos)
    except StoreError as error:
        errors.append(error)
