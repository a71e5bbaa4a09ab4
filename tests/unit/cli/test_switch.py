"""`photoseek switch`, with an engine of names in this process."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

import pytest
from typing_extensions import override

from photoseek.cli import switch
from photoseek.errors import StoreError
from photoseek.records import ModelIdentity
from photoseek.settings import Settings, load_settings
from photoseek.store import MemoryStore, PhotoStore, open_store, register_store, registry
from photoseek.store.memory import MemoryEngine
from tests.support.stored_photos import MODEL, encoded

LARGER = ModelIdentity("larger", "e" * 16, 16)
OLD, NEW, NAME = "named:old", "named:new", "named:photos"


class Named(MemoryStore):
    """An index in memory that knows its name, where its engine `follows`."""

    def __init__(self, model: ModelIdentity, location: str, engine: NamedMemory) -> None:
        super().__init__(model, location)
        self._engine = engine

    @override
    def stands(self) -> bool:
        return not self._engine.follows or self._engine.canonical(NAME) == self.location


class NamedMemory(MemoryEngine):
    """Indexes in memory, and names that stand for them."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        self.made: dict[str, Named] = {}
        self.follows = False

    @override
    def canonical(self, location: str) -> str:
        return self.names.get(location, location)

    @override
    def peek_model(self, location: str) -> ModelIdentity | None:
        found = self.made.get(self.canonical(location))
        return found.model if found else None

    @override
    def create(self, location: str, model: ModelIdentity) -> None:
        self.made[location] = Named(model, location, self)

    @override
    def open(self, location: str) -> PhotoStore:
        return self.made[self.canonical(location)]

    def switch(self, location: str, target: str) -> str | None:
        """`NamingEngine.switch`."""
        stood_for, self.names[location] = self.names.get(location), self.canonical(target)
        return stood_for


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[NamedMemory]:
    engine = NamedMemory()
    monkeypatch.setattr(registry, "_makers", dict(registry._makers))
    register_store("named", lambda: engine)
    open_store(OLD, MODEL).upsert([encoded(1)])
    open_store(NEW, LARGER).upsert([encoded(1), encoded(2)])
    yield engine
    registry._engines.pop("named")


def switched(settings: Settings, to: str, *, as_json: bool = False) -> int:
    return switch.run(argparse.Namespace(to=to, json=as_json), settings)


def test_a_name_stands_for_another_index_and_the_way_back_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = load_settings(index=NAME)
    assert switched(settings, OLD) == 0
    first = capsys.readouterr().out
    assert f"{NAME} stands for an index of the model 'demo' now; photos: 1." in first
    assert "of before" not in first
    assert switched(settings, NEW) == 0
    said = capsys.readouterr().out
    assert f"{NAME} stands for an index of the model 'larger' now; photos: 2." in said
    assert f"The index of before is at {OLD} as it was: 'demo', photos: 1." in said
    assert f"switch --index {NAME} --to {OLD}" in said
    assert "start again what serves it" in said
    assert open_store(NAME).model == LARGER


def test_where_stores_know_their_name_nothing_has_to_be_started_again(
    engine: NamedMemory, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.follows = True
    settings = load_settings(index=NAME)
    switched(settings, OLD)
    switched(settings, NEW)
    said = capsys.readouterr().out
    assert "What serves the name follows within a second" in said
    assert "start again" not in said


def test_scripts_get_both(capsys: pytest.CaptureFixture[str]) -> None:
    settings = load_settings(index=NAME)
    switched(settings, OLD, as_json=True)
    assert json.loads(capsys.readouterr().out)["before"] is None
    switched(settings, NEW, as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "index": NAME,
        "model": "larger",
        "photos": 2,
        "before": {"index": OLD, "model": MODEL.name, "photos": 1},
    }


@pytest.mark.parametrize(
    ("name", "to", "says"),
    [
        ("data/index", OLD, "data/index is a place, and no name"),
        (NAME, "data/index", "data/index is in another engine than named:photos"),
    ],
)
def test_what_can_get_no_name_is_said(name: str, to: str, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        switched(load_settings(index=name), to)
