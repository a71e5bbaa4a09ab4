"""The files of photos that are handed in while things go wrong behind the gateway."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docarray import DocList
from PIL import Image

from executors.vector_indexer.executor import VectorIndexer
from photoseek.errors import PartDownError, PhotoError, SlowAnswerError, StoreWriteError
from photoseek.flow.conversion import encoded_doc
from photoseek.flow.flow_service import FlowService
from photoseek.flow.photo_documents import EncodedDoc, PhotoDoc
from photoseek.gateway.handing_in import HandingIn
from photoseek.indexing.uploads import Uploads
from photoseek.photos import ImageLimits
from photoseek.records import EncodedPhoto, Photo, content_hash
from photoseek.settings import load_settings
from tests.support.protobuf import Wire
from tests.support.stored_photos import MODEL, vector_of
from tests.support.waiting import PATIENCE


class WholeWire(Wire):
    """To the indexer through an encoder that needs no model.

    `on_the_way` is awaited before the indexer gets a photo, and `on_the_way_back` after it has
    stored it. While `is_cut`, nothing gets through.
    """

    def __init__(self, indexer: VectorIndexer) -> None:
        super().__init__(indexer)
        self.on_the_way: Callable[[], Awaitable[None]] = _pass
        self.on_the_way_back: Callable[[], Awaitable[None]] = _pass
        self.is_cut = False

    async def stream_docs(self, docs: Any, exec_endpoint: str, **_: Any) -> AsyncIterator[Any]:
        if self.is_cut:
            raise PartDownError("down")
        if exec_endpoint != "/index":
            async for answer in super().stream_docs(docs, exec_endpoint):
                yield answer
            return
        encoded = DocList[EncodedDoc](_encoded(doc) for doc in docs)
        await self.on_the_way()
        outcomes = await self._indexer.index(encoded)
        await self.on_the_way_back()
        yield SimpleNamespace(docs=outcomes)


def _encoded(doc: PhotoDoc) -> EncodedDoc:
    data = Path(doc.uri).read_bytes()
    photo = EncodedPhoto(
        Photo(doc.id, doc.uri), content_hash(data), 64, 48, vector_of(1), b"thumbnail"
    )
    return encoded_doc(doc, photo, MODEL)


async def _pass() -> None:
    pass


@pytest.fixture
def wire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WholeWire]:
    monkeypatch.setenv("PHOTOSEEK_INDEX", str(tmp_path / "index"))
    indexer = VectorIndexer()
    yield WholeWire(indexer)
    indexer.close()


class Gateway:
    """What the routes do with a photo that is handed in."""

    def __init__(self, wire: WholeWire, folder: Path, change_seconds: float = 60) -> None:
        self.uploads = Uploads(str(folder), ImageLimits())
        service = FlowService(wire.stream_docs, load_settings(), wire.parts_are_up)
        self.handing_in = HandingIn(
            service, self.uploads, change_seconds=change_seconds, ask_again_seconds=0.01
        )
        picture = io.BytesIO()
        Image.new("RGB", (64, 48), "red").save(picture, "PNG")
        self.data = picture.getvalue()
        self._folder = folder

    async def upload(self) -> Photo:
        return await self.handing_in.add(
            content_hash(self.data), lambda: self.uploads.save(self.data)
        )

    async def delete(self, photo: Photo) -> int:
        return await self.handing_in.delete(photo.id, photo.uri, content_hash(self.data))

    async def has_settled(self) -> None:
        """Once nothing goes on behind the scenes."""
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)

    @property
    def files(self) -> list[Path]:
        """The photos that are kept, each with its description and none without."""
        found = [path for path in self._folder.rglob("*") if path.is_file()]
        photos = [path for path in found if path.suffix != ".json"]
        assert {*photos, *(path.with_name(f"{path.name}.json") for path in photos)} == {*found}
        return photos


@pytest.fixture
def gateway(wire: WholeWire, tmp_path: Path) -> Gateway:
    return Gateway(wire, tmp_path / "uploads")


async def fail() -> None:
    raise StoreWriteError("The disk is full.")


def test_the_file_of_a_photo_that_is_not_indexed_goes(wire: WholeWire, gateway: Gateway) -> None:
    wire.on_the_way = fail
    with pytest.raises(StoreWriteError, match="disk is full"):
        asyncio.run(gateway.upload())
    assert gateway.files == []


def test_a_photo_that_was_stored_keeps_its_file_whatever_is_heard_of_it(
    wire: WholeWire, gateway: Gateway
) -> None:
    wire.on_the_way_back = fail
    with pytest.raises(StoreWriteError, match="disk is full"):
        asyncio.run(gateway.upload())
    assert len(gateway.files) == 1


@pytest.mark.parametrize("is_stored", [True, False])
def test_the_index_is_asked_until_it_says_what_became_of_a_photo(
    wire: WholeWire, gateway: Gateway, is_stored: bool
) -> None:
    async def cut() -> None:
        wire.is_cut = True
        raise PartDownError("down")

    async def run() -> None:
        with pytest.raises(PartDownError, match="down"):
            await gateway.upload()
        assert len(gateway.files) == 1, "nobody knows yet"
        wire.is_cut = False
        await gateway.has_settled()
        assert len(gateway.files) == int(is_stored)

    if is_stored:
        wire.on_the_way_back = cut
    else:
        wire.on_the_way = cut
    asyncio.run(run())


@pytest.mark.parametrize("is_stored", [True, False])
def test_who_waits_too_long_is_told_and_the_work_goes_on(
    wire: WholeWire, tmp_path: Path, is_stored: bool
) -> None:
    gateway = Gateway(wire, tmp_path / "uploads", change_seconds=0.01)

    async def run() -> None:
        silence, arrived = asyncio.Event(), asyncio.Event()

        async def wait() -> None:
            arrived.set()
            await silence.wait()
            if not is_stored:
                await fail()

        wire.on_the_way = wait
        with pytest.raises(SlowAnswerError, match="may still be made"):
            await gateway.upload()
        await arrived.wait()
        assert len(gateway.files) == 1
        silence.set()
        await gateway.has_settled()
        assert len(gateway.files) == int(is_stored)

    asyncio.run(run())


def test_an_upload_that_fails_leaves_the_file_to_one_of_the_same_bytes(
    wire: WholeWire, gateway: Gateway
) -> None:
    async def run() -> None:
        first, second = asyncio.Event(), asyncio.Event()
        turns = [(first, fail), (second, _pass)]

        async def in_turn() -> None:
            event, then = turns.pop(0)
            await event.wait()
            await then()

        wire.on_the_way = in_turn
        uploads = [asyncio.create_task(gateway.upload()) for _ in range(2)]
        while turns:
            await asyncio.sleep(0)
        first.set()
        [failed] = await asyncio.gather(uploads[0], return_exceptions=True)
        assert isinstance(failed, StoreWriteError)
        assert len(gateway.files) == 1
        second.set()
        photo = await uploads[1]
        assert [str(path) for path in gateway.files] == [photo.uri]
        assert await gateway.delete(photo) == 1
        assert gateway.files == []

    asyncio.run(run())


@pytest.mark.parametrize("moment", ["before", "amid"])
def test_an_upload_keeps_its_file_where_another_gateway_fails_with_the_same_photo(
    moment: str, gateway: Gateway, wire: WholeWire, tmp_path: Path
) -> None:
    """That one asks the index whether it has the photo while it is on its way, or just before."""
    other = Gateway(wire, tmp_path / "uploads")

    async def other_fails() -> None:
        wire.on_the_way = fail
        with pytest.raises(StoreWriteError):
            await other.upload()
        wire.on_the_way = _pass

    async def run() -> Photo:
        if moment == "before":
            wire.on_the_way = other_fails
            return await gateway.upload()
        remove, uploading = other.uploads.remove, list[Photo]()

        def removed_late(uri: str) -> bool:
            asyncio.run_coroutine_threadsafe(upload(), loop).result(PATIENCE)
            return remove(uri)

        async def upload() -> None:
            wire.on_the_way = _pass
            uploading.append(await gateway.upload())

        loop = asyncio.get_running_loop()
        other.uploads.remove = removed_late  # type: ignore[method-assign]
        await other_fails()
        return uploading[0]

    photo = asyncio.run(run())
    assert [str(path) for path in gateway.files] == [photo.uri]


def test_what_is_no_photo_leaves_nothing(gateway: Gateway) -> None:
    gateway.data = b"<svg/>"
    with pytest.raises(PhotoError):
        asyncio.run(gateway.upload())
    assert gateway.files == []
