"""Of two machines that reindex, the one that has slept changes nothing more."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from photoseek import PhotoSearch
from photoseek.errors import StoreError
from photoseek.files.filestore import FileStore, open_files
from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.reindex_claim import CLAIM, FORGOTTEN_AFTER, claimed
from photoseek.indexing.reindex_pass import ReindexProgress
from photoseek.indexing.reindex_place import beside, drop_other
from photoseek.indexing.reindexing import reindex
from photoseek.records import Photo, ReindexReport
from photoseek.settings import load_settings
from photoseek.store import open_store
from photoseek.store.run_state import run_state
from photoseek.store.switching import reindexing_engine
from tests.support.killed_reindex import picture
from tests.support.other_models import other_model
from tests.support.reindexed_library import PHOTOS
from tests.support.stored_photos import MODEL, encoded
from tests.unit.indexing.test_reindex_place import OTHER
from tests.unit.store.test_write_failures import disk


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> str:
    return other_model(tmp_path_factory.mktemp("models") / "other")


@pytest.fixture
def elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[], AbstractContextManager[None]]:
    """A block that runs as another machine, which has nothing of this one."""

    @contextmanager
    def block(host: str = "elsewhere") -> Iterator[None]:
        with monkeypatch.context() as there:
            there.setattr(socket, "gethostname", lambda: host)
            there.setenv("XDG_STATE_HOME", str(tmp_path / "state elsewhere"))
            yield

    return block


def again(
    location: str, model: str, on_progress: Callable[[ReindexProgress], None] = lambda _: None
) -> ReindexReport:
    settings = load_settings(index=location, model=model)
    return reindex(settings, model_of(settings, on_demand=True), on_progress=on_progress)


def let_a_minute_pass(place: FileStore) -> None:
    """Make the claim as old as one of which nobody has heard for longer than that."""
    told = json.loads(place.read(CLAIM) or b"")
    place.write(CLAIM, json.dumps(told | {"at": told["at"] - FORGOTTEN_AFTER - 1}).encode())


@pytest.mark.parametrize("at", [0, PHOTOS])
def test_who_wakes_up_after_another_machine_is_done_loses_nothing_of_what_came_since(
    library: PhotoSearch,
    location: str,
    other: str,
    at: int,
    elsewhere: Callable[[], AbstractContextManager[None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("photoseek.indexing.reindex_claim.RENEWED_EVERY", 0.0)
    [one, two, *_] = sorted(photo_id for page in open_store(location).ids() for photo_id in page)
    path = tmp_path / "new.jpg"
    path.write_bytes(picture(PHOTOS, side=64))
    done: list[ReindexReport] = []

    def sleep(progress: ReindexProgress) -> None:
        if done or progress.done < at:
            return
        let_a_minute_pass(run_state(location))
        with elsewhere():
            done.append(again(location, other))
        assert library.delete([one]) == 1
        open_store(location).describe([Photo(two, "elsewhere", "9", caption="new")])
        [added] = library.index_batch([Photo("new", str(path), "1")], [""])
        assert added.outcome == "indexed"

    with pytest.raises(StoreError, match=r"Somebody else has taken over the reindex of .*slept"):
        again(location, other, sleep)
    assert [each.is_switched for each in done] == [True]
    store = open_store(location)
    assert (store.model.name, store.count()) == (other, PHOTOS)
    assert set(store.known([one, "new"])) == {"new"}
    assert store.encoded([two])[two].photo.caption == "new"


def test_a_reindex_that_is_taken_over_leaves_the_claim_of_the_other_one(
    location: str, elsewhere: Callable[[], AbstractContextManager[None]]
) -> None:
    open_store(location, MODEL)
    place = run_state(location)
    with claimed(location, place) as claim:
        let_a_minute_pass(place)
        with elsewhere(), claimed(location, place) as other:
            with pytest.raises(StoreError, match="taken over"):
                claim.renew(at_once=True)
            claim.end()
            assert other.is_mine()


def test_machines_of_one_name_keep_one_another_out(
    location: str, elsewhere: Callable[[str], AbstractContextManager[None]]
) -> None:
    """As containers may be called, each of which has locks of its own."""
    open_store(location, MODEL)
    place, host = run_state(location), socket.gethostname()
    with (
        claimed(location, place),
        elsewhere(host),
        pytest.raises(StoreError, match=f"at work already, on {host}"),
        claimed(location, place),
    ):
        pass


@pytest.mark.parametrize("index", ["index", "milvus://m:19530/photos"])
def test_machines_with_notes_of_their_own_keep_one_another_out(
    index: str, tmp_path: Path, elsewhere: Callable[[], AbstractContextManager[None]]
) -> None:
    """Nothing but the index, and for an engine the place of its blobs, is common to them."""
    location = index if ":" in index else str(tmp_path / index)
    settings = load_settings(index=location, blobs=str(tmp_path / "blobs"))
    host = socket.gethostname()
    here, there = (run_state(location, str(tmp_path / name)) for name in ("here", "there"))
    with (
        claimed(location, here, settings),
        elsewhere(),
        pytest.raises(StoreError, match=f"at work already, on {host}"),
        claimed(location, there, settings),
    ):
        pass
    with elsewhere(), claimed(location, there, settings):  # it is over by now
        pass


def test_a_claim_among_the_notes_of_an_earlier_version_counts_for_its_minute(
    tmp_path: Path, elsewhere: Callable[[], AbstractContextManager[None]]
) -> None:
    location, notes = "milvus://m:19530/photos", open_files(str(tmp_path / "notes"))
    settings = load_settings(index=location, blobs=str(tmp_path / "blobs"))
    told = {"host": "another", "lock": "another", "run": "1", "at": time.time()}
    notes.prepare()
    notes.write(CLAIM, json.dumps(told).encode())
    with (
        pytest.raises(StoreError, match="at work already, on another"),
        claimed(location, notes, settings),
    ):
        pass
    let_a_minute_pass(notes)
    with claimed(location, notes, settings) as claim:
        assert claim.is_mine()


def test_a_kill_while_the_new_index_was_made_is_in_nobodys_way(
    library: PhotoSearch, location: str, other: str
) -> None:
    settings = load_settings(index=location)
    target = reindexing_engine(location).begin(location, OTHER)
    place = run_state(location)
    folder = f"{target.rpartition('/')[2]}/"
    place.remove(each.name for each in list(place.entries(folder)) if each.name != f"{folder}made")
    found = beside(settings)
    assert found is not None
    assert (found.location, found.model) == (target, None)
    assert again(location, other).is_switched
    assert drop_other(settings).was_in_use


def test_the_index_of_before_can_be_removed_from_a_full_disk(tmp_path: Path) -> None:
    """That makes room; and where no claim can be noted, nobody else can note one."""
    with disk(tmp_path / "disk", "1m") as folder:
        location = str(folder / "index")
        open_store(location, MODEL).upsert([encoded(number) for number in range(20)])
        target = reindexing_engine(location).begin(location, OTHER)
        open_store(target).upsert([encoded(number) for number in range(20)])
        with suppress(OSError), (folder / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(1024))
        with (
            pytest.raises(StoreError, match="the disk is full"),
            claimed(location, run_state(location)),
        ):
            pass
        settings = load_settings(index=location)
        assert drop_other(settings).location == target
        assert beside(settings) is None
        assert open_store(location).count() == 20
