"""What becomes of a request in the Flow when nobody waits for it any more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from docarray import BaseDoc, DocList

from photoseek.flow.request_sending import send


class Graph:
    """Stands for Jina's graph of executors: an answer that waits until it may come."""

    def __init__(self) -> None:
        self._streamer = self
        self.let_go = asyncio.Event()
        self.answer: asyncio.Future[Any] | None = None

    def _request_handler(self, **_: Any) -> tuple[asyncio.Future[Any], None]:
        self.answer = asyncio.ensure_future(self.let_go.wait())
        return self.answer, None

    def _result_handler(self, answer: Any) -> Any:
        return answer


@pytest.mark.parametrize(
    ("endpoint", "is_broken_off"),
    [("/search", True), ("/facets", True), ("/index", False), ("/delete", False)],
)
def test_what_only_reads_is_broken_off_and_a_change_goes_on(
    endpoint: str, is_broken_off: bool
) -> None:
    async def test() -> None:
        graph = Graph()
        docs = DocList[BaseDoc]([BaseDoc()])
        asking = asyncio.create_task(send(graph, docs, endpoint, return_type=DocList[BaseDoc]))
        while graph.answer is None:
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        graph.let_go.set()
        await asyncio.wait([graph.answer])
        assert graph.answer.cancelled() is is_broken_off

    asyncio.run(test())
