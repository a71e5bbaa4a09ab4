"""Calls of the Flow that are never answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from docarray import BaseDoc

from executors.documents import OutcomeDoc, PhotoDoc, StatusDoc
from executors.gateway.problems import Problem
from executors.gateway.routes import flow


class SilentStreamer:
    """A streamer whose executors took the request and say nothing."""

    async def stream_docs(self, **_: Any) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield


async def ask(endpoint: str, doc: BaseDoc, gives: Any) -> None:
    await asyncio.wait_for(flow.FlowCalls(SilentStreamer()).call(endpoint, doc, gives), 0.5)


def test_what_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "READ_SECONDS", 0.01)
    with pytest.raises(Problem, match="took longer") as failure:
        asyncio.run(ask("/status", BaseDoc(), StatusDoc))
    assert failure.value.status_code == 504


def test_what_writes_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "READ_SECONDS", 0.01)
    with pytest.raises(TimeoutError):  # of this test
        asyncio.run(ask("/index", PhotoDoc(id="x", uri="/x.jpg"), OutcomeDoc))
