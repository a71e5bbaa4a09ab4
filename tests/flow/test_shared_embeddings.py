"""An encoder of a Flow takes embeddings of texts from Redis, and puts there what it has made."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from photoseek import PhotoSearch
from photoseek.client import Client
from photoseek.records import ModelIdentity, Vector
from photoseek.settings import Settings, load_settings
from photoseek.sharing.redis_state import RedisState
from photoseek.sharing.shared_texts import TextVectors
from photoseek.sharing.state_of_settings import redis_client
from tests.servers.redis import free_prefix, running_redis
from tests.support.forked_flow import ForkedFlow
from tests.support.stored_photos import ids
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.xdist_group("flow")  # where what Flows are forked from runs already


def patient(settings: Settings) -> RedisState:
    """What the others share, asked by one who waits where a busy machine answers late."""
    return RedisState(redis_client(settings), settings.redis_prefix, answer_seconds=PATIENCE)


async def told(settings: Settings, model: ModelIdentity, text: str, vector: Vector) -> None:
    """Tell the others what a text is."""
    state = patient(settings)
    await TextVectors(state).put(model, text, vector)
    await state.close()


async def known(settings: Settings, model: ModelIdentity, text: str) -> Vector | None:
    """What the others have told of a text."""
    state = patient(settings)
    vector = await TextVectors(state).get(model, text)
    await state.close()
    return vector


def test_a_text_that_redis_knows_is_not_encoded_again(drawings: Path, tmp_path: Path) -> None:
    """An encoder that waited too long for Redis goes on without it, so each text is one try."""
    with running_redis() as url:
        settings = load_settings(
            index=str(tmp_path / "index"), model="demo", redis=url, redis_prefix=free_prefix()
        )
        with PhotoSearch(settings) as search:
            search.index(str(drawings))
            status = search.index_status()
            assert status is not None
            model = status.model
            [car] = search.embed(["a red car"]).vectors
            cars, nonsense = (ids(search.search(text).hits) for text in ("a red car", "qwxyz"))
            assert nonsense != cars
        with ForkedFlow(settings, private=True) as flow, Client(flow.url) as client:
            tries = itertools.count(1)

            def text_of_encoder() -> str:
                text = f"a red car{' and a red car' * next(tries)}"
                client.search(text)
                return text

            def encoder_tells() -> bool:
                return asyncio.run(known(settings, model, text_of_encoder())) is not None

            wait_until(encoder_tells, "the encoder to tell what it has made")

            def encoder_listens() -> bool:
                text = "qwxyz" * next(tries)
                asyncio.run(told(settings, model, text, car))
                return ids(client.search(text).hits) == cars

            wait_until(encoder_listens, "the encoder to take what others have told")
