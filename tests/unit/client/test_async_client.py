"""`AsyncClient` does what `Client` does, many requests at a time."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from photoseek import AsyncClient, Client, PhotoSearch
from photoseek.errors import DuplicatePhotoError, PhotoError, QueryError, ServiceError
from photoseek.records import Facets
from photoseek.settings import Settings, load_settings
from tests.support.in_process import running
from tests.support.pictures import drawing, saved
from tests.support.waiting import PATIENCE
from tests.support.web_server import Handler, running_server

COUNT = 12

NOTHING = b'{"total": 0, "metadata": []}'


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("photos")
    return load_settings(index=str(home / "index"), uploads=str(home / "uploads"), model="demo")


@pytest.fixture(scope="module")
def url(settings: Settings, drawings: Path) -> Iterator[str]:
    with PhotoSearch.open(settings.index, settings=settings) as photos:
        assert photos.index(drawings, limit=COUNT).indexed == COUNT
    with running("in-process", settings) as gateway:
        yield gateway.url


def test_it_has_the_methods_of_the_other_client() -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(member).parameters)
            for name, member in vars(kind).items()
            if callable(member) and not name.startswith("_")
        }

    ours, theirs = methods(AsyncClient), methods(Client)
    for_runs = {"index", "fingerprints", "refresh_words", "use_keyword_fields"}
    assert {name: theirs[name] for name in theirs.keys() - for_runs} == ours


def test_it_answers_as_the_other_client_does(url: str) -> None:
    async def ask() -> None:
        async with AsyncClient(url) as client:
            assert await client.ready()
            assert await client.status() == there.status()
            queries = ["red car", "boat - snow", "", "cat"]
            found = await asyncio.gather(*(client.search(query, top_k=5) for query in queries))
            assert found == [there.search(query, top_k=5) for query in queries]
            assert await client.search_all(queries, top_k=5) == found
            [best, *_] = found[0].hits
            photo_id = best.stored.photo.id
            assert await client.similar(photo_id) == there.similar(photo_id)
            assert await client.photo(photo_id) == there.photo(photo_id)
            assert await client.photos([photo_id, "nobody"]) == there.photos([photo_id])
            assert await client.thumbnail(photo_id) == there.thumbnail(photo_id)
            assert await client.original(photo_id) == there.original(photo_id)
            assert await client.known([photo_id]) == there.known([photo_id])
            assert await client.facets("width > 0") == there.facets("width > 0")
            made = await client.embed(["a boat"])
            assert made.vectors.tolist() == there.embed(["a boat"]).vectors.tolist()

    with Client(url) as there:
        asyncio.run(ask())


def test_it_changes_the_index(url: str, tmp_path: Path) -> None:
    path = tmp_path / "new.png"
    path.write_bytes(saved(drawing(77), "PNG"))

    async def change() -> None:
        async with AsyncClient(url) as client:
            added = await client.add(path, caption="New", tags=["a, b"])
            assert (added.photo.caption, added.photo.tags) == ("New", ("a, b",))
            with pytest.raises(DuplicatePhotoError) as there:
                await client.add(path.read_bytes())
            assert there.value.photo_id == added.photo.id
            with pytest.raises(PhotoError):
                await client.add(b"no picture")
            assert await client.delete([added.photo.id, "nobody"]) == 1
            await client.maintain()
            with pytest.raises(QueryError):
                await client.photo(added.photo.id)

    asyncio.run(change())


def test_one_request_does_not_wait_for_another() -> None:
    """None is answered before both have come."""
    both = threading.Barrier(2, timeout=PATIENCE)

    def meet(handler: Handler) -> None:
        both.wait()
        handler.answer(200, NOTHING)

    async def ask(url: str) -> list[Facets]:
        async with AsyncClient(url) as client:
            return list(await asyncio.gather(client.facets(), client.facets()))

    with running_server({"": meet}) as server:
        assert asyncio.run(ask(server.url)) == [Facets(), Facets()]


def test_a_busy_gateway_is_asked_again_and_an_absent_one_is_told() -> None:
    def busy(handler: Handler) -> None:
        if handler.server.calls.total() <= 3:
            handler.answer(429, b'{"detail": "Too many requests."}', Retry_After="0")
        else:
            handler.answer(200, NOTHING)

    async def ask(url: str) -> Facets:
        async with AsyncClient(url) as client:
            return await client.facets()

    with running_server({"": busy}) as server:
        assert asyncio.run(ask(server.url)) == Facets()
        assert server.calls.total() == 4
    with pytest.raises(ServiceError, match="No gateway answers at"):
        asyncio.run(ask(server.url))


@pytest.mark.parametrize("end", [b"<html>Welcome!</html>", b"{}", b"[1]", None])
def test_another_web_server_is_no_gateway(end: bytes | None) -> None:
    def answer(handler: Handler) -> None:
        if end is None and handler.path == "/readyz":
            handler.endless()
        handler.answer(200, end or b"7")

    async def ask(url: str) -> None:
        async with AsyncClient(url) as client:
            assert not await client.ready()
            with pytest.raises(ServiceError, match="does not speak as a gateway of photoseek does"):
                await client.status()

    with running_server({"": answer}) as stranger:
        asyncio.run(ask(stranger.url))
