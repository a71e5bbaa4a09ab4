"""A client that asks for much at once leaves room for others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import httpx
import numpy as np
import pytest
from typing_extensions import override

from photoseek.gateway.app import create_app
from photoseek.gateway.connections import Places
from photoseek.gateway.service import Service
from photoseek.helpers.query_threads import THREADS
from photoseek.records import Embeddings, Facets, Found
from photoseek.settings import load_settings
from tests.support.gateway_app import Index, problem
from tests.support.stored_photos import MODEL
from tests.support.waiting import PATIENCE

ONE, OTHER = "127.0.0.1", "127.0.0.2"
EMBEDDED = {"inputs": [{"text": "red car"}]}


class Held(Index):
    """Answers nothing before it may; `begun` is how many questions have come so far."""

    def __init__(self) -> None:
        super().__init__(parts_up=True)
        self.begun = 0
        self.let_go = asyncio.Event()

    async def _wait(self) -> None:
        self.begun += 1
        await self.let_go.wait()

    async def search(self, *_: Any, **__: Any) -> Found:
        await self._wait()
        return Found()

    async def facets(self, *_: Any, **__: Any) -> Facets:
        await self._wait()
        return Facets(0, {})

    async def embed(self, *_: Any, **__: Any) -> Embeddings:
        await self._wait()
        return Embeddings(np.zeros((1, 2), np.float32), MODEL)

    async def version(self) -> str:
        return ""

    @override
    async def problem(self) -> str:
        return ""


def run(test: Callable[[Held, Callable[[str], httpx.AsyncClient]], Awaitable[None]]) -> None:
    async def whole() -> None:
        held = Held()
        app = create_app(cast(Service, held), load_settings(rate_limit=0, search_seconds=PATIENCE))

        def client(address: str) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, client=(address, 50000))
            return httpx.AsyncClient(transport=transport, base_url="http://localhost:8080")

        await asyncio.wait_for(test(held, client), PATIENCE)

    asyncio.run(whole())


async def begun(held: Held, number: int) -> None:
    """Return when so many have begun, and whatever could have begun with them."""
    while held.begun < number:
        await asyncio.sleep(0.01)
    for _ in range(200):
        await asyncio.sleep(0)


@pytest.mark.parametrize("what", ["search", "facets", "embeddings"])
def test_a_client_has_as_many_at_work_as_there_are_threads(what: str) -> None:
    async def test(held: Held, client: Callable[[str], httpx.AsyncClient]) -> None:
        async def ask(address: str, number: int) -> None:
            async with client(address) as http:
                if what == "embeddings":
                    await http.post("/api/embeddings", json=EMBEDDED)
                else:
                    await http.get(f"/api/{what}?min_width={number}")

        many = [asyncio.create_task(ask(ONE, number)) for number in range(THREADS + 8)]
        await begun(held, THREADS)
        assert held.begun == THREADS
        other = asyncio.create_task(ask(OTHER, 1))
        await begun(held, THREADS + 1)
        assert held.begun == THREADS + 1, "the other one's alone"
        many[0].cancel()
        await begun(held, THREADS + 2)
        held.let_go.set()
        await asyncio.gather(*many, other, return_exceptions=True)
        assert held.begun >= THREADS + 9

    run(test)


def test_the_time_of_a_search_counts_from_the_moment_at_which_it_waits() -> None:
    async def test() -> None:
        held = Held()
        settings = load_settings(rate_limit=0, search_seconds=1)
        app = create_app(cast(Service, held), settings)
        transport = httpx.ASGITransport(app, client=(ONE, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as http:
            asked = [http.get(f"/api/search?min_width={number}") for number in range(THREADS + 1)]
            answers = await asyncio.gather(*asked)
        for answer in answers:
            assert "1 s" in problem(answer, 504)["detail"]

    asyncio.run(asyncio.wait_for(test(), PATIENCE))


def test_one_client_alone_does_not_have_others_refused() -> None:
    assert Places().client < Places().at_work
