"""What LanceDB keeps in memory has an end."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from photoseek.store import open_store
from photoseek.store.lance import lance_caches, layout
from photoseek.store.lance.lance_caches import (
    LEAST,
    Caches,
    caches_for,
    session,
    share_of,
    versions_for,
)
from photoseek.store.lance.local_layout import LocalLayout
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from tests.support.lance import lance_store
from tests.support.stored_photos import MODEL, encoded

MB, GB = 1 << 20, 1 << 30
ROWS = 600


def test_versions_that_are_over_leave_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 100_000
    kept = session(Caches(metadata=most))
    monkeypatch.setattr(layout, "session", lambda _: kept)  # a connection does not tell its own
    connection = LocalLayout(tmp_path / "index").connect()
    table = connection.create_table("photos", schema=pa.schema([("id", pa.string())]))
    for n in range(40):  # they would take 600,000
        table.add(pa.table({"id": [str(n)]}))
        assert table.search().where("id = '0'").to_arrow().num_rows == 1
    assert 0 < kept.size_bytes < 2 * most


@pytest.mark.parametrize("has_room", [True, False])
def test_an_index_is_read_ahead_where_it_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_room: bool
) -> None:
    limits = UpkeepLimits(index_from_rows=ROWS, partition_rows=300)
    store = lance_store(tmp_path / "index", limits)
    store.upsert([encoded(number) for number in range(ROWS)])
    store.maintain()
    kept = session(LEAST)
    monkeypatch.setattr(layout, "session", lambda _: kept)
    if not has_room:
        monkeypatch.setattr(lance_caches, "share_of", lambda _: 1)
    opened = lance_store(tmp_path / "index", limits)
    opened.facets()
    before = kept.size_bytes
    opened.warm()
    assert (kept.size_bytes - before >= ROWS * MODEL.dimensions // 2) is has_room
    assert opened.count() == ROWS


@pytest.mark.parametrize(
    ("memory", "indexes"),
    [(0, GB // 2), (GB, GB // 2), (6 * GB, 2 * GB), (64 * GB, 6 * GB)],
)
def test_indexes_have_a_part_of_the_memory(memory: int, indexes: int) -> None:
    assert share_of(memory) == indexes
    assert caches_for(1_000_000_000, 512, memory).indexes == indexes


def test_caches_are_of_the_size_of_the_table() -> None:
    small, large = caches_for(2_000, 512, 24 * GB), caches_for(1_000_000, 512, 24 * GB)
    assert caches_for(1_000, 512, 24 * GB) == LEAST
    assert small.metadata + small.indexes < 30 * MB
    # Measured: those of a million photos have 13 and 420 MB, and are there twice when made again.
    assert 2 * 13 * MB <= large.metadata < 64 * MB
    assert 2 * 420 * MB <= large.indexes < 2 * GB
    assert caches_for(1_000_000, 1152, 24 * GB).indexes > large.indexes


def test_a_table_that_grows_is_opened_with_larger_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lance_caches, "FEW_ROWS", 40)
    monkeypatch.setattr(lance_caches, "FEW_VERSIONS", 1_000)
    monkeypatch.setattr(lance_caches, "INDEX_BYTES_OF_A_ROW", LEAST.indexes // 85)
    made = noted_sessions(monkeypatch)
    store = open_store(tmp_path / "index", MODEL)
    for number in range(100):
        store.upsert([encoded(number)])
        store.maintain()
    larger = [caches_for(rows, MODEL.dimensions, 0) for rows in (80, 160)]
    assert [each for each in made if each != LEAST] == larger
    assert store.count() == len(next(store.ids())) == 100


def test_what_some_versions_have_left_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lance_caches, "FEW_VERSIONS", 10)
    made = noted_sessions(monkeypatch)
    store = open_store(tmp_path / "index", MODEL)
    at_first = len(made)
    for number in range(25):
        store.upsert([encoded(number)])
        store.maintain()
    assert len(made) - at_first == 2
    assert store.count() == 25


def test_a_larger_table_is_opened_again_after_more_versions() -> None:
    assert [versions_for(rows) for rows in (0, 1_000, 8_000, 1_000_000)] == [32, 32, 200, 1_000]


def noted_sessions(monkeypatch: pytest.MonkeyPatch) -> list[Caches]:
    """The caches of all connections that are made from now on."""
    made: list[Caches] = []

    def noted(caches: Caches) -> object:
        made.append(caches)
        return session(caches)

    monkeypatch.setattr(layout, "session", noted)
    return made
