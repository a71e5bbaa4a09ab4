"""Writers that waited for too long go on, and what they wrote then is in the new index."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from photoseek import PhotoSearch
from photoseek.errors import StoreError
from photoseek.files.filestore import open_files
from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.reindexing import reindex
from photoseek.records import ReindexReport
from photoseek.settings import load_settings
from photoseek.store import open_store
from photoseek.store.lance.opening import LanceEngine
from photoseek.store.lance.place_tables import read_tables
from photoseek.store.switching import reindexing_engine
from tests.support.other_models import DEMO, other_model
from tests.support.reindexed_library import PHOTOS
from tests.support.stored_photos import MODEL, encoded


def again(location: str, folder: Path) -> ReindexReport:
    settings = load_settings(index=location, model=other_model(folder))
    return reindex(settings, model_of(settings, on_demand=True))


def test_what_is_written_while_a_reindex_sleeps_just_before_the_switch_is_not_lost(
    library: PhotoSearch, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [one, *_] = sorted(photo_id for page in open_store(location).ids() for photo_id in page)
    peek = LanceEngine.peek_model
    slept: list[str] = []

    def peek_late(engine: LanceEngine, place: str) -> object:
        """The last look before the switch: all are brought over, and writers wait."""
        held = read_tables(open_files(location)).held_until
        if held > time.time() and not slept:
            slept.append(place)
            with monkeypatch.context() as later:
                later.setattr(time, "time", lambda: held + 1)
                assert library.delete([one]) == 1
        return peek(engine, place)

    monkeypatch.setattr(LanceEngine, "peek_model", peek_late)
    report = again(location, tmp_path / "model")
    assert slept
    assert (report.is_switched, report.photos, report.removed) == (True, PHOTOS - 1, 1)
    assert one not in open_store(location).known([one])


def test_a_reindex_for_which_nobody_waits_does_not_switch_and_says_why(
    library: PhotoSearch, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peek = LanceEngine.peek_model

    def peek_late(engine: LanceEngine, place: str) -> object:
        if (held := read_tables(open_files(location)).held_until) > time.time():
            engine.hold(location, 0.0, held)
        return peek(engine, place)

    monkeypatch.setattr(LanceEngine, "peek_model", peek_late)
    with pytest.raises(StoreError, match="Their clocks differ from the one here"):
        again(location, tmp_path / "model")
    assert open_store(location).model.name == DEMO
    assert read_tables(open_files(location)).held_until == 0


def test_who_waited_for_too_long_goes_on_and_takes_the_note_away(location: str) -> None:
    store = open_store(location, MODEL)
    store.upsert([encoded(1)])
    engine = reindexing_engine(location)
    target = engine.begin(location, MODEL)
    past, next_minute = time.time() - 1, time.time() + 60
    assert engine.hold(location, past)
    assert engine.hold(location, past - 1, past)
    assert not engine.hold(location, next_minute, past)
    store.upsert([encoded(2)])
    assert not engine.hold(location, next_minute, past - 1)
    assert not engine.switch_held(location, target, past - 1)
    assert open_store(location).count() == 2
    assert engine.hold(location, next_minute)
    assert engine.switch_held(location, target, next_minute)
    assert open_store(location).count() == 0
