"""Rows of a Lance table by their addresses: what is new and what is gone since an earlier look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photoseek.compat.lance import lancedb
from photoseek.store.lance.addressed_rows import ADDRESS, AddressedRows, Addresses

_FILE = 2**32


@pytest.fixture
def table(tmp_path: Path) -> lancedb.table.Table:
    """Three files of three rows each."""
    made = lancedb.connect(tmp_path).create_table("numbers", [{"n": n} for n in range(3)])
    for first in (3, 6):
        made.add([{"n": n} for n in range(first, first + 3)])
    return made


def _after(known: Addresses, table: lancedb.table.Table) -> tuple[Addresses, list[int]]:
    staying, new = AddressedRows(table).changes(known, ["n"])
    stay = known if staying is None else known[staying]
    assert new.version == table.version
    assert new.columns[ADDRESS].to_pylist() == new.addresses.tolist()
    return np.sort(np.concatenate([stay, new.addresses])), new.columns["n"].to_pylist()


def test_what_is_new_and_what_is_gone_lead_to_the_rows_that_there_are(
    table: lancedb.table.Table,
) -> None:
    rows = AddressedRows(table)
    known = rows.read().addresses
    assert _after(known, table)[1] == []
    table.delete("n = 4")
    table.add([{"n": 9}])
    after, new = _after(known, table)
    assert (after.tolist(), new) == (rows.read().addresses.tolist(), [9])
    table.delete("n >= 0")
    table.add([{"n": 10}])
    after, new = _after(after, table)
    assert (after.tolist(), new) == (rows.read().addresses.tolist(), [10])
    assert rows.read(["n"], "n > 20").columns["n"].to_pylist() == []


def test_files_that_are_joined_are_new(table: lancedb.table.Table) -> None:
    known = AddressedRows(table).read().addresses
    table.optimize()
    after, new = _after(known, table)
    assert after.tolist() == AddressedRows(table).read().addresses.tolist()
    assert sorted(new) == list(range(9))


def test_a_file_is_new_whose_number_is_lower_than_that_of_a_known_one(
    table: lancedb.table.Table,
) -> None:
    """Joining takes a number, others are written, and only then the joined file is committed."""
    every = AddressedRows(table).read().addresses
    for number in range(3):
        others = every[every // _FILE != number]
        gone = np.arange(3, dtype=np.uint64) + 7 * _FILE  # as many as there are new ones
        after, new = _after(np.concatenate([others, gone]), table)
        assert (after.tolist(), new) == (every.tolist(), list(range(3 * number, 3 * number + 3)))


def test_an_empty_table_has_no_rows(table: lancedb.table.Table) -> None:
    known = AddressedRows(table).read().addresses
    table.delete("n >= 0")
    assert _after(known, table)[0].tolist() == []
    table.add([{"n": 1}])
    assert _after(np.empty(0, np.uint64), table)[1] == [1]
