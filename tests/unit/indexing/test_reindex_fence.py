"""A run that slept amid a change, and whose work another machine has done, changes nothing more."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from photoseek import PhotoSearch
from photoseek.errors import StoreError
from photoseek.files.filestore import open_files
from photoseek.indexing.reindex_pass import ReindexProgress
from photoseek.indexing.reindex_place import beside, drop_other
from photoseek.records import Photo
from photoseek.settings import load_settings
from photoseek.store import open_store
from photoseek.store.lance.opening import LanceEngine
from photoseek.store.lance.row_writes import RowWrites
from photoseek.store.lance.store import LanceStore
from photoseek.store.run_state import run_state
from tests.support.killed_reindex import picture
from tests.support.other_models import DEMO, other_model
from tests.support.reindexed_library import PHOTOS
from tests.support.waiting import PATIENCE
from tests.unit.indexing.test_reindex_taken_over import again, let_a_minute_pass

TAKEN_OVER = r"Somebody else has taken over the reindex of .*slept"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> str:
    return other_model(tmp_path_factory.mktemp("models") / "other")


class Meanwhile:
    """What others do while a run sleeps: the work of that, and then changes of their own."""

    def __init__(self, library: PhotoSearch, location: str, model: str, new: Path) -> None:
        self._library, self._location, self._model = library, location, model
        self.new = new
        new.write_bytes(picture(PHOTOS, side=64))
        ids = sorted(photo_id for page in open_store(location).ids() for photo_id in page)
        self.deleted, self.described = ids[:2]

    def work_is_done(self) -> None:
        let_a_minute_pass(run_state(self._location))
        assert again(self._location, self._model).is_switched

    def happens(self) -> None:
        self.work_is_done()
        assert self._library.delete([self.deleted]) == 1
        open_store(self._location).describe(
            [Photo(self.described, "elsewhere", "9", caption="new")]
        )
        [added] = self._library.index_batch([Photo("new", str(self.new), "1")], [""])
        assert added.outcome == "indexed", added

    def check(self) -> None:
        """Nothing of it is lost."""
        store = open_store(self._location)
        assert (store.model.name, store.count()) == (self._model, PHOTOS)
        assert set(store.known([self.deleted, "new"])) == {"new"}
        assert store.encoded([self.described])[self.described].photo.caption == "new"


@pytest.fixture
def meanwhile(library: PhotoSearch, location: str, other: str, tmp_path: Path) -> Meanwhile:
    return Meanwhile(library, location, other, tmp_path / "new.jpg")


@contextmanager
def sleeping_before(
    owner: type, method: str, meanwhile: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Inside, the first call of a method comes after what happens meanwhile on another machine."""
    plain = getattr(owner, method)
    slept: list[str] = []

    def late(self: object, *given: Any, **named: Any) -> Any:
        if not slept:
            slept.append(method)
            with monkeypatch.context() as there:
                there.setattr(socket, "gethostname", lambda: "elsewhere")
                there.setenv("XDG_STATE_HOME", str(Path(os.environ["HOME"]) / "state elsewhere"))
                meanwhile()
        return plain(self, *given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(owner, method, late)
        yield
    assert slept == [method]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))


def test_who_slept_before_a_batch_does_not_write_it(
    location: str, other: str, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        sleeping_before(LanceStore, "upsert", meanwhile.happens, monkeypatch),
        pytest.raises(StoreError, match=TAKEN_OVER),
    ):
        again(location, other)
    meanwhile.check()


@pytest.mark.parametrize("location", ["bucket"], indirect=True)
def test_who_slept_amid_a_commit_in_a_bucket_does_not_end_it(
    location: str, other: str, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder all others wait for the lock of writers, which it has."""
    with (
        sleeping_before(RowWrites, "put", meanwhile.happens, monkeypatch),
        pytest.raises(StoreError, match=TAKEN_OVER),
    ):
        again(location, other)
    meanwhile.check()


def test_who_slept_before_a_deletion_does_not_delete_what_was_added_again(
    library: PhotoSearch,
    location: str,
    other: str,
    meanwhile: Meanwhile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo = meanwhile.deleted
    with pytest.raises(KeyboardInterrupt):
        again(location, other, stop_at_the_end)
    library.delete([photo])  # which is in the unfinished index

    def happens() -> None:
        meanwhile.work_is_done()
        [added] = library.index_batch([Photo(photo, str(meanwhile.new), "1")], [""])
        assert added.outcome == "indexed", added

    with (
        sleeping_before(LanceStore, "delete", happens, monkeypatch),
        pytest.raises(StoreError, match=TAKEN_OVER),
    ):
        again(location, other)
    assert photo in open_store(location).known([photo])


def stop_at_the_end(progress: ReindexProgress) -> None:
    if progress.done == PHOTOS and not progress.waiting:
        raise KeyboardInterrupt


SLEEPER = """
import os, signal, sys
from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.reindexing import reindex
from photoseek.settings import load_settings
from photoseek.store.lance.store import LanceStore

plain = LanceStore.upsert

def upsert(store, photos):
    LanceStore.upsert = plain
    os.kill(os.getpid(), signal.SIGSTOP)
    plain(store, photos)

LanceStore.upsert = upsert
settings = load_settings(index=sys.argv[1], model=sys.argv[2])
reindex(settings, model_of(settings, on_demand=True))
"""


@pytest.mark.parametrize("location", ["folder"], indirect=True)
def test_a_process_that_was_really_stopped_writes_nothing_more(
    location: str, other: str, meanwhile: Meanwhile, tmp_path: Path
) -> None:
    """As one of a container, which has locks of its own for what it claims."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, location, other],
        env=os.environ | {"XDG_STATE_HOME": str(tmp_path / "state of the other")},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), process.communicate(timeout=PATIENCE)
        meanwhile.happens()
        process.send_signal(signal.SIGCONT)
        _, said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    assert re.search(TAKEN_OVER, said), said
    meanwhile.check()


def test_who_slept_before_it_removes_an_index_does_not_remove_the_one_in_use(
    location: str, other: str, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(index=location)
    assert again(location, other).is_switched

    def go_back() -> None:
        let_a_minute_pass(run_state(location))
        assert again(location, DEMO).is_switched

    with (
        sleeping_before(LanceEngine, "drop", go_back, monkeypatch),
        pytest.raises(StoreError, match="is the index in use since a moment ago"),
    ):
        drop_other(settings)
    store = open_store(location)
    assert (store.model.name, store.count()) == (DEMO, PHOTOS)


def test_an_index_that_somebody_is_removing_comes_to_count_no_more(
    location: str, other: str, library: PhotoSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He sleeps, or was killed, just after he began."""
    settings = load_settings(index=location)
    assert again(location, other).is_switched
    found = beside(settings)
    assert found is not None
    with monkeypatch.context() as patched:
        patched.setattr(type(open_files(location)), "remove", stop)
        with pytest.raises(KeyboardInterrupt):
            drop_other(settings)
    with pytest.raises(StoreError, match="Somebody removes"):
        LanceEngine().switch(location, found.location)
    report = again(location, DEMO)
    assert (report.is_switched, report.encoded) == (True, PHOTOS)
    assert report.target != found.location
    assert open_store(location).count() == PHOTOS


def stop(*_: object) -> None:
    raise KeyboardInterrupt
