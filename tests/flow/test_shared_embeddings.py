"""An encoder of a Flow takes embeddings of texts from Redis, and puts there what it has made."""

from __future__ import annotations

import asyncio
from pathlib import Path

from photoseek import PhotoSearch
from photoseek.client import Client
from photoseek.flow.process import FlowProcess
from photoseek.records import ModelIdentity, Vector
from photoseek.settings import Settings, load_settings
from photoseek.sharing import SharedTexts, shared_state
from tests.servers.redis import free_prefix, running_redis
from tests.support.stored_photos import ids

CAR, NONSENSE = "a red car", "qwxyz"


async def told(settings: Settings, model: ModelIdentity, text: str, vector: Vector) -> None:
    """Tell the others what a text is."""
    state = shared_state(settings)
    texts = SharedTexts(state)
    texts.begin()
    await asyncio.to_thread(texts.put, model, text, vector)
    await state.close()


async def known(settings: Settings, model: ModelIdentity, text: str) -> Vector | None:
    """What the others have told of a text."""
    state = shared_state(settings)
    texts = SharedTexts(state)
    texts.begin()
    vector = await asyncio.to_thread(texts.get, model, text)
    await state.close()
    return vector


def test_a_text_that_redis_knows_is_not_encoded_again(drawings: Path, tmp_path: Path) -> None:
    with running_redis() as url:
        settings = load_settings(
            index=str(tmp_path / "index"), model="demo", redis=url, redis_prefix=free_prefix()
        )
        with PhotoSearch(settings) as search:
            search.index(str(drawings))
            cars = ids(search.search(CAR).hits)
            status = search.index_status()
            assert status is not None
            assert ids(search.search(NONSENSE).hits) != cars
        with FlowProcess(settings, private=True) as flow, Client(flow.url) as client:
            assert ids(client.search(CAR).hits) == cars
            car = asyncio.run(known(settings, status.model, CAR))
            assert car is not None, "the encoder has told the others what it has made"
            asyncio.run(told(settings, status.model, NONSENSE, car))
            assert ids(client.search(NONSENSE).hits) == cars
