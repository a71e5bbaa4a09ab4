"""Reindexing an index in an engine from several machines, of which one may sleep at any moment."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from photoseek import PhotoSearch
from photoseek.errors import StoreError
from photoseek.indexing.reindex_claim import CLAIM, FORGOTTEN_AFTER, claimed
from photoseek.indexing.reindex_place import beside
from photoseek.settings import Settings, load_settings
from photoseek.store import open_store, peek_model
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.milvus.milvus_server import MilvusServer
from photoseek.store.run_state import run_state
from photoseek.store.switching import reindexing_engine
from tests.support.killed_reindex import Library, on_another_machine
from tests.support.other_models import DEMO, other_model
from tests.support.stored_photos import MODEL, encoded
from tests.support.terminal import command, family, photoseek
from tests.support.waiting import PATIENCE, wait_until

OTHER = replace(MODEL, fingerprint="0" * 16)
MANY = 700
"""Photos of which 256 are stored together."""

OF_EACH_KIND = pytest.mark.parametrize("place", ["elastic", "opensearch", "milvus"], indirect=True)


@pytest.fixture
def settings(place: str, tmp_path: Path) -> Settings:
    return load_settings(index=place, blobs=str(tmp_path / "blobs"))


@contextmanager
def before_the_switch(act: Callable[[], object]) -> Iterator[None]:
    """Inside, `act` is done when the request that switches is about to leave."""
    ask, writes = EngineHttp.ask, MilvusServer.writes
    waiting = [act]

    def ask_late(http: EngineHttp, method: str, path: str, body: Any = None, **more: Any) -> Any:
        name = {"alias": http.address.name}
        if path == "/_aliases" and any(name.items() <= e["add"].items() for e in _added(body)):
            while waiting:
                waiting.pop()()
        return ask(http, method, path, body, **more)

    def write_late(server: MilvusServer, method: str, *given: Any, **named: Any) -> Any:
        while method == "alter_alias" and waiting:
            waiting.pop()()
        return writes(server, method, *given, **named)

    with pytest.MonkeyPatch.context() as later:
        later.setattr(EngineHttp, "ask", ask_late)
        later.setattr(MilvusServer, "writes", write_late)
        yield
    assert not waiting


def _added(body: Any) -> list[Any]:
    return [action for action in body["actions"] if "add" in action]


def test_a_switch_that_comes_too_late_is_none(place: str, settings: Settings) -> None:
    """Its machine sleeps after its last look, for longer than writers wait."""
    store = open_store(place, MODEL, settings)
    store.upsert([encoded(1)])
    engine = reindexing_engine(place, settings)
    target = engine.begin(place, OTHER)
    open_store(target, settings=settings).upsert([encoded(1)])
    until = time.time() + 1
    assert engine.hold(place, until)
    with before_the_switch(lambda: store.upsert([encoded(2)])):
        assert not engine.switch_held(place, target, until)
    assert open_store(place, settings=settings).model == MODEL
    assert set(store.known(["p00001", "p00002"])) == {"p00001", "p00002"}
    target = engine.fence(place, target)
    open_store(target, settings=settings).upsert([encoded(2)])
    until = time.time() + 60
    assert engine.hold(place, until)
    assert engine.switch_held(place, target, until)
    new = open_store(place, settings=settings)
    assert (new.model, set(new.known(["p00001", "p00002"]))) == (OTHER, {"p00001", "p00002"})
    new.upsert([encoded(3)])  # nobody waits


def test_who_waits_until_another_second_is_left_alone(place: str, settings: Settings) -> None:
    open_store(place, MODEL, settings)
    engine = reindexing_engine(place, settings)
    target = engine.begin(place, OTHER)
    one, two = time.time() + 60, time.time() + 120
    assert engine.hold(place, one)
    assert not engine.hold(place, two, instead_of=one - 1)
    assert engine.hold(place, two, instead_of=one)
    assert not engine.switch_held(place, target, one)
    assert engine.hold(place, 0)
    assert not engine.switch_held(place, target, two)
    open_store(place, settings=settings).upsert([encoded(1)])


def test_what_was_begun_by_a_run_that_was_taken_over_reaches_the_new_index_no_more(
    place: str, settings: Settings
) -> None:
    open_store(place, MODEL, settings)
    engine = reindexing_engine(place, settings)
    target = engine.begin(place, OTHER)
    before = open_store(target, settings=settings)
    before.upsert([encoded(1)])
    fenced = engine.fence(place, target)
    with pytest.raises(StoreError):
        before.upsert([encoded(2)])
    with pytest.raises(StoreError):
        before.delete(["p00001"])
    new = open_store(fenced, settings=settings)
    new.upsert([encoded(3)])
    assert set(new.known(["p00001", "p00002", "p00003"])) == {"p00001", "p00003"}


@pytest.mark.parametrize("place", ["elastic", "opensearch"], indirect=True)
def test_machines_that_share_nothing_but_the_engine_keep_one_another_out(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = (load_settings(index=place, blobs=str(tmp_path / n)) for n in ("1", "2"))
    open_store(place, MODEL, here)
    host, notes = socket.gethostname(), run_state(place, str(tmp_path / "notes"))

    with claimed(place, notes, here), monkeypatch.context() as elsewhere:
        elsewhere.setattr(socket, "gethostname", lambda: "elsewhere")
        elsewhere.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        notes = run_state(place, str(tmp_path / "other notes"))
        with (
            pytest.raises(StoreError, match=f"at work already, on {host}"),
            claimed(place, notes, there),
        ):
            pass
    target = reindexing_engine(place, here).begin(place, OTHER)
    reindexing_engine(place, here).switch(place, target)
    generations = reindexing_engine(place, there).generations(place)
    assert generations.before == f"{place}-000001"
    next_one = reindexing_engine(place, there).begin(place, MODEL)
    assert next_one == f"{place}-000003"


@OF_EACH_KIND
def test_of_two_machines_the_one_that_slept_changes_nothing_more(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("blobs", "state"):
        monkeypatch.setenv(f"PHOTOSEEK_{name.upper()}", str(tmp_path / name))
    (tmp_path / "photos").mkdir()
    model = other_model(tmp_path / "model")
    again = ("reindex", "--index", place, "--model", model)
    settings = load_settings(index=place)
    with PhotoSearch.open(place, model=DEMO) as search:
        library = Library(place, tmp_path / "photos", search)
        library.add(MANY)
        with at_work(on_another_machine(tmp_path / "elsewhere", command(*again))) as first:
            wait_until(lambda: begun(settings), "some photos are in the new index")
            send(first, signal.SIGSTOP)
            refused = photoseek(*again)
            assert refused.returncode == 1
            assert "at work already, on elsewhere" in refused.stderr
            let_a_minute_pass(settings)
            second = photoseek(*again)
            assert second.returncode == 0, second.stderr
            chance = random.Random(7)
            for _ in range(20):
                library.change(chance)
            send(first, signal.SIGCONT)
            output, _ = first.communicate(timeout=PATIENCE)
        assert first.returncode == 1, output
        assert "Somebody else has taken over the reindex" in " ".join(output.split())
        assert library.check() == []
    found = peek_model(place, settings)
    assert found is not None
    assert found.name == model


@contextmanager
def at_work(program: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A program that runs, and runs no more afterwards."""
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ}
    ) as process:
        try:
            yield process
        finally:
            send(process, signal.SIGKILL)


def send(process: subprocess.Popen[str], number: int) -> None:
    """Send a signal to a program and all that it has started."""
    with suppress(psutil.NoSuchProcess):
        for member in family(process.pid):
            with suppress(psutil.NoSuchProcess):
                member.send_signal(number)


def begun(settings: Settings) -> bool:
    found = beside(settings)
    return (
        found is not None
        and found.model is not None
        and open_store(found.location, settings=settings).count() > 0
    )


def let_a_minute_pass(settings: Settings) -> None:
    """Make the claim as old as one of which nobody has heard for longer than that."""
    claims = reindexing_engine(settings.index, settings).claims(settings.index)

    def aged(data: bytes | None) -> bytes:
        told = json.loads(data or b"")
        return json.dumps(told | {"at": told["at"] - FORGOTTEN_AFTER - 1}).encode()

    claims.update(CLAIM, aged)
