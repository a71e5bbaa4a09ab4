"""Calls of the Flow that are never answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from docarray import BaseDoc

from photoseek.flow.calls import FlowCalls
from photoseek.flow.documents import CountDoc, IdsDoc, KeptDoc, OutcomeDoc, PhotoDoc, StatusDoc
from photoseek.gateway.problems import Problem
from photoseek.settings import load_settings


class SilentStreamer:
    """A streamer whose executors took the request and say nothing."""

    async def stream_docs(self, **_: Any) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield


async def ask(endpoint: str, doc: BaseDoc, gives: Any, *, change_seconds: float = 0.01) -> None:
    settings = load_settings(search_seconds=1, fetch_seconds=1)
    flow = FlowCalls(SilentStreamer(), settings, change_seconds=change_seconds)
    await asyncio.wait_for(flow.call(endpoint, doc, gives), 30)


@pytest.mark.parametrize(
    ("endpoint", "doc", "gives"),
    [
        ("/status", BaseDoc(), StatusDoc),
        ("/kept", KeptDoc(photo="a"), KeptDoc),
        ("/kept", KeptDoc(photo="a", what="original"), KeptDoc),
    ],
)
def test_what_reads_is_given_up(endpoint: str, doc: BaseDoc, gives: Any) -> None:
    with pytest.raises(Problem, match="no answer within 1 seconds.*SEARCH_SECONDS") as failure:
        asyncio.run(ask(endpoint, doc, gives, change_seconds=1000))
    assert failure.value.status_code == 504


@pytest.mark.parametrize(
    ("endpoint", "doc", "gives"),
    [
        ("/index", PhotoDoc(id="x", uri="/x.jpg"), OutcomeDoc),
        ("/delete", IdsDoc(ids=["x"]), CountDoc),
    ],
)
def test_a_change_has_a_time_of_its_own_and_may_still_be_made(
    endpoint: str, doc: BaseDoc, gives: Any
) -> None:
    with pytest.raises(Problem, match="may still be made") as failure:
        asyncio.run(ask(endpoint, doc, gives))
    assert failure.value.status_code == 504
