"""Answers are given once more while nothing has changed, and never afterwards."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photoseek.gateway.answer_bytes import facets_of, found_of, written
from photoseek.gateway.answers import Answers
from photoseek.gateway.in_process import InProcessService
from photoseek.gateway.metrics import Metrics
from photoseek.records import (
    Condition,
    Facets,
    Found,
    Hit,
    PictureText,
    Place,
    Sort,
    StoredPhoto,
    TextLine,
    Traits,
)
from photoseek.search.grammar import QueryPart
from photoseek.settings import Settings, load_settings
from photoseek.sharing import MemoryState, SharedState
from photoseek.store import PhotoStore, open_store
from photoseek.store.sorting import NEWEST, Cursor
from tests.support.stored_photos import MODEL, encoded, hash_of, photo

ONE = [QueryPart("id", "p00001")]
PLAIN: dict[str, Any] = {
    "top_k": 5,
    "offset": 0,
    "where": (),
    "hybrid": False,
    "dedupe": False,
    "sort": None,
    "after": "",
}
LAST = Cursor(NEWEST, Place(9_000_000_000_000_000, ""), 3)


_open = ExitStack()


@pytest.fixture(autouse=True)
def _closed_afterwards() -> Iterator[None]:
    """The threads of services end with the test."""
    with _open:
        yield


class Gateway:
    """Answers over an index, and how often they were there already."""

    def __init__(self, settings: Settings, state: SharedState) -> None:
        self.service = _open.enter_context(closing(InProcessService.of(settings)))
        self._metrics = Metrics(state)
        self.answers = Answers(self.service, state, settings, self._metrics)

    async def ask(self, parts: list[QueryPart] = ONE, **asked: Any) -> Found:
        return await self.answers.search(parts, **PLAIN | asked)

    def hits(self) -> int:
        lines = self._metrics.text(0).decode().splitlines()
        name = 'photoseek_kept_lookups_total{outcome="hit",what="answer"} '
        return sum(int(float(line.removeprefix(name))) for line in lines if line.startswith(name))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(index=str(tmp_path / "index"), model="demo")


@pytest.fixture
def store(settings: Settings) -> PhotoStore:
    store = open_store(settings.index, MODEL)
    store.upsert([encoded(number, tags=("red",)) for number in range(6)])
    return store


@pytest.fixture
def gateways(settings: Settings, store: PhotoStore) -> Iterator[tuple[Gateway, Gateway]]:
    """Two gateways that share what they keep."""
    state = MemoryState()
    two = Gateway(settings, state), Gateway(settings, state)
    yield two
    for gateway in two:
        gateway.service.close()


Ask = Callable[[], Coroutine[Any, Any, None]]


def test_what_one_was_asked_another_one_knows(gateways: tuple[Gateway, Gateway]) -> None:
    one, other = gateways

    async def ask() -> None:
        first = await one.ask()
        again = await other.ask()
        assert (one.hits(), other.hits()) == (0, 1)
        assert again == first
        assert [hit.stored.keep for hit in again.hits] == [h.stored.keep for h in first.hits]
        assert again.encode_seconds == 0
        assert again.search_seconds > 0
        facets = await one.answers.facets([])
        assert await other.answers.facets([]) == facets
        assert facets.counts["tags"] == (("red", 6),)
        assert other.hits() == 2

    asyncio.run(ask())


def test_whatever_is_asked_otherwise_is_another_question(
    gateways: tuple[Gateway, Gateway],
) -> None:
    one, _ = gateways
    wide = Condition("width", ">=", 1003)
    text = Condition("tags", "=", "red")
    questions: list[tuple[list[QueryPart], dict[str, Any]]] = [
        (ONE, {}),
        ([QueryPart("id", "p00002")], {}),
        ([QueryPart("id", "p00001", 2.0)], {}),
        ([*ONE, QueryPart("id", "p00002")], {}),
        ([*ONE, QueryPart("id", "p00002", -1.0)], {}),
        ([], {}),
        (ONE, {"top_k": 4}),
        (ONE, {"offset": 1}),
        (ONE, {"where": [wide]}),
        (ONE, {"where": [text]}),
        (ONE, {"where": [wide, text]}),
        (ONE, {"dedupe": True}),
        (ONE, {"hybrid": True}),
        (ONE, {"sort": Sort("pixels")}),
        (ONE, {"sort": Sort("pixels", ascending=True)}),
        ([], {"sort": Sort("width")}),
        ([], {"after": LAST.text()}),
    ]

    async def ask() -> None:
        found = [await one.ask(parts, **asked) for parts, asked in questions]
        assert one.hits() == 0
        assert [await one.ask(parts, **asked) for parts, asked in questions] == found
        assert one.hits() == len(questions)

    asyncio.run(ask())


def test_no_answer_outlives_a_change(
    gateways: tuple[Gateway, Gateway], store: PhotoStore, settings: Settings
) -> None:
    others = open_store(settings.index)
    writes: list[Callable[[], object]] = [
        lambda: others.upsert([encoded(8)]),
        lambda: store.describe([photo(8, caption="another")]),
        lambda: store.delete(["p00003"]),
        lambda: others.delete(["p00004"]),
        lambda: store.upsert([encoded(3)]),
    ]

    async def ask() -> None:
        answers = []
        for write in [lambda: None, *writes]:
            write()
            for gateway in gateways:
                found = await gateway.ask(top_k=50)
                facets = await gateway.answers.facets([])
                fresh = await gateway.service.search(ONE, top_k=50)
                assert found == fresh
                assert facets == await gateway.service.facets([])
            answers.append(found)
        assert all(one != other for one, other in itertools.pairwise(answers))

    asyncio.run(ask())


def test_writes_and_questions_in_any_order(
    gateways: tuple[Gateway, Gateway], store: PhotoStore
) -> None:
    chance = random.Random(7)

    async def ask() -> None:
        for _ in range(60):
            if chance.random() < 0.3:
                number = chance.randrange(2, 12)
                if chance.random() < 0.5:
                    store.upsert([encoded(number, caption=str(chance.random()))])
                else:
                    store.delete([f"p{number:05}"])
            gateway = chance.choice(gateways)
            assert await gateway.ask() == await gateway.service.search(ONE, top_k=5)

    asyncio.run(ask())
    assert sum(gateway.hits() for gateway in gateways) > 5


def test_an_index_that_is_made_again_is_another_one(
    gateways: tuple[Gateway, Gateway], settings: Settings, tmp_path: Path
) -> None:
    one, other = gateways

    async def ask() -> None:
        before = await one.ask([], top_k=50)
        Path(settings.index).rename(tmp_path / "aside")
        store = open_store(settings.index, MODEL)
        store.upsert([encoded(number, tags=("blue",)) for number in range(6)])
        after = await other.ask([], top_k=50)
        assert before.hits[0].stored.photo.tags == ("red",)
        assert after.hits[0].stored.photo.tags == ("blue",)
        assert other.hits() == 0

    asyncio.run(ask())


def test_without_a_version_nothing_is_kept(tmp_path: Path) -> None:
    index = f"memory:{tmp_path}"
    store = open_store(index, MODEL)
    store.upsert([encoded(1), encoded(2)])
    assert store.version() == ""
    gateway = Gateway(load_settings(index=index, model="demo"), MemoryState())

    async def ask() -> None:
        for total in (1, 0):
            assert (await gateway.ask()).total == total
            assert (await gateway.ask()).total == total
            store.delete(["p00002"])
        assert gateway.hits() == 0

    try:
        asyncio.run(ask())
    finally:
        gateway.service.close()


def test_an_answer_is_read_as_it_was_written() -> None:
    strange = 'ä\ud800\x00\U0001f600"\\'
    stored = StoredPhoto(
        replace(photo(1), caption=strange, tags=("a", "b"), metadata={strange: strange}),
        hash_of(1),
        3,
        4,
        Traits(colours=("red",)),
        keep="original",
        link="https://example/1",
        text=PictureText("reader 1", (TextLine(strange, 0.9, ((0.0, 0.5),) * 4),), is_rough=True),
    )
    copies = (replace(stored, keep=None),)
    found = Found(
        hits=(Hit(3, 0.1 + 0.2, stored, copies, (strange,)), Hit(4, -1.0, stored)),
        query=strange,
        total=7,
        confidence="low",
        next_offset=5,
        tokens=("", "abc"),
    )
    read = found_of(written(found))
    assert read == found
    assert read.tokens == found.tokens
    assert found_of(written(Found())) == Found()
    facets = Facets(3, {"tags": ((strange, 2), ("b", 1)), "years": ()})
    assert facets_of(written(facets)) == facets
