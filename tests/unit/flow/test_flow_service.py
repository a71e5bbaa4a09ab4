"""A Flow that never answers, and one of before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from photoseek.errors import SlowAnswerError
from photoseek.flow.flow_service import FlowService
from photoseek.gateway.service import Service
from photoseek.search.grammar import QueryPart
from photoseek.settings import load_settings

ASKED: dict[str, Callable[[Service], Awaitable[Any]]] = {
    "status": lambda service: service.status(),
    "search": lambda service: service.search([QueryPart("text", "car")]),
    "the newest": lambda service: service.search(()),
    "facets": lambda service: service.facets(),
    "photos": lambda service: service.photos(["a"]),
    "thumbnail": lambda service: service.thumbnail("a"),
    "original": lambda service: service.original("a"),
}


async def silence(**_: Any) -> AsyncIterator[Any]:
    """A streamer whose executors took the request and say nothing."""
    await asyncio.Event().wait()
    yield


async def up() -> bool:
    return True


@pytest.mark.parametrize("asked", ASKED)
def test_what_reads_is_given_up(asked: str) -> None:
    async def ask() -> None:
        short = {"search_seconds": 0.1, "fetch_seconds": 0.1}  # shorter than may be set
        settings = load_settings().model_copy(update=short)
        await asyncio.wait_for(ASKED[asked](FlowService(silence, settings, up)), 30)

    with pytest.raises(SlowAnswerError, match="no answer within 0.1 seconds.*SEARCH_SECONDS"):
        asyncio.run(ask())


async def unchanged(docs: Any, **_: Any) -> AsyncIterator[Any]:
    """A streamer whose executors know no such endpoint."""
    yield SimpleNamespace(docs=docs)


def test_an_indexer_of_before_tells_no_fingerprints() -> None:
    assert asyncio.run(FlowService(unchanged, load_settings(), up).fingerprints(1_000)) is None
