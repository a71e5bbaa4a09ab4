"""Gateways tell each other the embeddings of texts, and take nothing that is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest

from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.query_texts import QueryTexts
from photoseek.records import ModelIdentity, Vector
from photoseek.settings import load_settings
from photoseek.sharing import MemoryState, SharedTexts
from photoseek.sharing.redis_state import RedisState
from photoseek.sharing.state_of_settings import redis_client
from tests.servers.redis import free_prefix, running_redis
from tests.support.stored_photos import MODEL, vector_of
from tests.support.waiting import PATIENCE

T = TypeVar("T")


@pytest.fixture
def state() -> MemoryState:
    return MemoryState()


def beside_a_loop(texts: SharedTexts, ask: Callable[[], T]) -> T:
    """What a thread beside an event loop gets."""

    async def run() -> T:
        texts.begin()
        return await asyncio.to_thread(ask)

    return asyncio.run(run())


def test_a_vector_comes_back_exactly_for_its_model_and_text(state: MemoryState) -> None:
    texts = SharedTexts(state)

    def ask() -> None:
        texts.put(MODEL, "car", vector_of(1))
        found = texts.get(MODEL, "car")
        assert found is not None
        assert found.dtype == np.float32
        assert found.tolist() == vector_of(1).tolist()
        assert texts.get(MODEL, "ca") is None
        others = (
            ModelIdentity("demo", "e" * 16, 16),
            ModelIdentity("demo2", "f" * 16, 16),
            ModelIdentity("demo", "f" * 16, 17),
        )
        assert [texts.get(other, "car") for other in others] == [None] * 3
        texts.put(MODEL, "\ud800\x00", vector_of(2))
        assert texts.get(MODEL, "\ud800\x00") is not None

    beside_a_loop(texts, ask)


@pytest.mark.parametrize("wrong", [vector_of(1)[:-1], vector_of(1) * 2, vector_of(1) * np.nan])
def test_what_is_no_unit_vector_is_not_taken(state: MemoryState, wrong: Vector) -> None:
    texts = SharedTexts(state)

    def ask() -> None:
        texts.put(MODEL, "car", wrong)
        assert texts.get(MODEL, "car") is None

    beside_a_loop(texts, ask)


def test_without_an_event_loop_nothing_is_remembered(state: MemoryState) -> None:
    texts = SharedTexts(state)
    texts.put(MODEL, "car", vector_of(1))
    assert texts.get(MODEL, "car") is None
    beside_a_loop(texts, lambda: texts.put(MODEL, "car", vector_of(1)))
    assert texts.get(MODEL, "car") is None, "the loop has ended"


def test_a_text_is_encoded_by_one_gateway_for_all() -> None:
    model = model_of(load_settings(model="demo"), on_demand=True)
    prefix = free_prefix()
    with running_redis() as url:
        client = redis_client(load_settings(redis=url))

        async def run() -> None:
            state = RedisState(client, prefix, answer_seconds=PATIENCE)
            shared = SharedTexts(state)
            shared.begin()
            one, other = QueryTexts(model, shared), QueryTexts(model, shared)
            try:
                first = await asyncio.to_thread(one.vector, "a red car")
                assert len(await client.keys(f"{prefix}text:*")) == 1
                again = await asyncio.to_thread(other.vector, "a red car")
                assert (
                    again.tolist()
                    == first.tolist()
                    == QueryTexts(model).vector("a red car").tolist()
                )
                assert not again.flags.writeable
            finally:
                await state.close()

        asyncio.run(run())
