"""The index beside the one in use is removed, and never the one in use."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from photoseek.cli import switch
from photoseek.errors import StoreError
from photoseek.files.filestore import FileStore
from photoseek.indexing.reindex_claim import Claim, claimed
from photoseek.indexing.reindex_place import drop_other
from photoseek.records import ModelIdentity
from photoseek.settings import EngineSettings, load_settings
from photoseek.store import open_store
from photoseek.store.run_state import run_state
from photoseek.store.switching import reindexing_engine, switch_index
from tests.support.stored_photos import MODEL, encoded

OTHER = ModelIdentity("other", "cafe", MODEL.dimensions)


def test_one_that_is_switched_to_at_this_moment_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reindex of another process ends between the look and the claim."""
    location = str(tmp_path / "index")
    open_store(location, MODEL).upsert([encoded(1)])
    target = reindexing_engine(location).begin(location, OTHER)
    open_store(target).upsert([encoded(1)])

    @contextmanager
    def claimed_late(
        place: str, notes: FileStore, settings: EngineSettings, *, makes_room: bool
    ) -> Iterator[Claim]:
        switch_index(location, target)
        with claimed(place, notes, settings, makes_room=makes_room) as claim:
            yield claim

    monkeypatch.setattr("photoseek.indexing.reindex_place.claimed", claimed_late)
    settings = load_settings(index=location)
    with pytest.raises(StoreError, match="changed at this moment, and nothing was removed"):
        drop_other(settings)
    store = open_store(location)
    assert (store.model, store.count()) == (OTHER, 1)
    monkeypatch.undo()
    dropped = drop_other(settings)
    assert (dropped.model, dropped.was_in_use) == (MODEL, True)


def test_a_location_is_not_switched_while_a_reindex_is_at_work(tmp_path: Path) -> None:
    """It reads what the location stood for when it began, and would lose what is written since."""
    location = str(tmp_path / "index")
    open_store(location, MODEL)
    target = reindexing_engine(location).begin(location, OTHER)
    options = argparse.Namespace(to=target, json=True)
    settings = load_settings(index=location)
    with (
        claimed(location, run_state(location)),
        pytest.raises(StoreError, match="A reindex of .* is at work already"),
    ):
        switch.run(options, settings)
    assert open_store(location).model == MODEL
    assert switch.run(options, settings) == 0
    assert open_store(location).model == OTHER
