"""A read sees what was committed before it, and asks Lance for that only where a folder changed."""

from __future__ import annotations

import shutil
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from photoseek.errors import DamagedStoreError
from photoseek.store.lance.local_layout import LocalLayout
from photoseek.store.lance.newest_version import NewestVersion
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from tests.support.lance import lance_store
from tests.support.stored_photos import encoded


class Asked:
    """A table of Lance's that counts how often it has to look for its newest version."""

    def __init__(self, table: Any) -> None:
        self._table = self
        self._real = table._table
        self.times = 0

    def checkout_latest(self) -> Coroutine[Any, Any, None]:
        self.times += 1
        looks: Coroutine[Any, Any, None] = self._real.checkout_latest()
        return looks

    def version(self) -> Coroutine[Any, Any, int]:
        told: Coroutine[Any, Any, int] = self._real.version()
        return told


def test_lance_is_asked_once_for_each_change_of_a_folder(tmp_path: Path) -> None:
    writer = lance_store(tmp_path, UpkeepLimits())
    writer.upsert([encoded(0)])
    layout = LocalLayout(tmp_path)
    table = Asked(layout.opened())
    newest = NewestVersion(layout, table)
    before = newest.brought_up()
    for number in range(1, 4):
        assert [newest.brought_up() for _ in range(3)] == [before] * 3
        assert table.times == number
        writer.upsert([encoded(number)])
        version = newest.brought_up()
        assert version > before
        before = version


def test_a_folder_of_unknown_names_tells_nothing_so_lance_is_asked(tmp_path: Path) -> None:
    writer = lance_store(tmp_path, UpkeepLimits())
    writer.upsert([encoded(0)])
    layout = LocalLayout(tmp_path)
    table = Asked(layout.opened())
    newest = NewestVersion(layout, table)
    (tmp_path / layout.manifests / "draft.manifest").touch()
    newest.brought_up()
    newest.brought_up()
    assert table.times == 2


def test_an_index_that_is_gone_is_missed(tmp_path: Path) -> None:
    store = lance_store(tmp_path, UpkeepLimits())
    store.upsert([encoded(0)])
    assert store.count() == 1
    shutil.rmtree(tmp_path)
    with pytest.raises(DamagedStoreError):
        store.count()
