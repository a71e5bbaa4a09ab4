"""The model is asked for once in a while, and not for each text that it may misread."""

from __future__ import annotations

import asyncio

import pytest

from photoseek.errors import PartDownError
from photoseek.gateway.model_name import KEEP_SECONDS, ModelName
from photoseek.records import Status


def test_it_is_asked_for_once_in_a_while() -> None:
    asked: list[str] = []
    models = ["one", "other"]
    now = 0.0

    async def status() -> Status:
        asked.append(models[0])
        return Status(models[0], 16, "fp32", "cpu", "data/index", photos=7, ann=False)

    name = ModelName(status, lambda: now)

    async def ask() -> None:
        nonlocal now
        assert [await name.get(), await name.get()] == ["one", "one"]
        models.pop(0)
        now = KEEP_SECONDS - 1
        assert await name.get() == "one"
        now = KEEP_SECONDS
        assert await name.get() == "other"
        assert asked == ["one", "other"]

    asyncio.run(ask())


def test_what_cannot_be_asked_for_is_told_and_asked_for_again() -> None:
    async def status() -> Status:
        raise PartDownError("The encoder is down.")

    name = ModelName(status)
    for _ in range(2):
        with pytest.raises(PartDownError):
            asyncio.run(name.get())
