"""What LanceDB keeps in memory has an end."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from photoseek.store.lance import lance_caches, layout
from photoseek.store.lance.lance_caches import index_bytes
from photoseek.store.lance.local_layout import LocalLayout
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from tests.support.lance import lance_store
from tests.support.stored_photos import MODEL, encoded

GB = 1 << 30
ROWS = 600


def test_versions_that_are_over_leave_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 100_000
    monkeypatch.setattr(lance_caches, "METADATA_BYTES", most)
    kept = lance_caches.session()
    monkeypatch.setattr(layout, "session", lambda: kept)  # a connection does not tell its own
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
    kept = lance_caches.session()
    monkeypatch.setattr(layout, "session", lambda: kept)
    if not has_room:
        monkeypatch.setattr(lance_caches, "index_bytes", lambda _: 1)
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
    assert index_bytes(memory) == indexes
