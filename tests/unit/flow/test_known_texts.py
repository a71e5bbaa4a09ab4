"""A gateway that knows the texts of a query asks the indexer alone, and is answered the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docarray import DocList

from executors.clip_encoder.executor import ClipEncoder
from executors.vector_indexer.executor import VectorIndexer
from photoseek.flow.documents import EncodedQueryDoc, QueryDoc, ResultDoc
from photoseek.flow.flow_service import ENCODER, INDEXER, FlowService
from photoseek.records import Condition, Found
from photoseek.search.grammar import QueryPart
from photoseek.settings import load_settings
from photoseek.sharing import MemoryState
from tests.support.in_process import RunningService
from tests.support.stored_photos import ids

CAR = [QueryPart("text", "a red car")]
MIXED = [*CAR, QueryPart("text", "snow", -0.5)]
WIDE = [Condition("width", ">=", 1)]


class Parts:
    """The two executors of a Flow in this process; `asked` says which had to work."""

    def __init__(self, *, tells_texts: bool = True) -> None:
        self._tells_texts = tells_texts
        self.asked: list[str] = []
        self.encoder = ClipEncoder()
        self.indexer = VectorIndexer()

    def close(self) -> None:
        self.encoder.close()
        self.indexer.close()

    async def stream_docs(
        self, docs: Any, only: str | None, parameters: dict[str, Any], **_: Any
    ) -> AsyncIterator[Any]:
        if only is None:
            self.asked.append(ENCODER)
            docs = await self.encoder.search(_sent(docs, QueryDoc), parameters)
        self.asked.append(INDEXER)
        results = await self.indexer.search(_sent(docs, EncodedQueryDoc), parameters)
        for result in results if not self._tells_texts else ():
            result.texts = ""  # as one of an earlier version
        yield SimpleNamespace(docs=_sent(results, ResultDoc))

    async def are_up(self) -> bool:
        return True

    def gateway(self, state: MemoryState | None = None) -> FlowService:
        return FlowService(self.stream_docs, load_settings(), self.are_up, state)

    def ask(self, gateway: FlowService, parts: Sequence[QueryPart], **asked: Any) -> Found:
        self.asked.clear()
        return asyncio.run(gateway.search(parts, **asked))


def _sent(docs: Any, takes: Any) -> Any:
    """What arrives of documents."""
    return DocList[takes](takes.from_protobuf(doc.to_protobuf()) for doc in docs)


@pytest.fixture
def over_index(in_process: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOSEEK_INDEX", in_process.settings.index)
    monkeypatch.setenv("PHOTOSEEK_MODEL", "demo")


@pytest.fixture
def parts(over_index: None) -> Iterator[Parts]:
    parts = Parts()
    yield parts
    parts.close()


@pytest.mark.parametrize("query", [CAR, MIXED])
def test_what_was_asked_before_needs_no_encoder(parts: Parts, query: list[QueryPart]) -> None:
    gateway = parts.gateway()
    first = parts.ask(gateway, query)
    assert parts.asked == [ENCODER, INDEXER]
    for options in ({}, {"where": WIDE}, {"hybrid": True, "dedupe": True, "top_k": 3}):
        found = parts.ask(gateway, query, **options)
        assert parts.asked == [INDEXER]
        fresh = parts.ask(parts.gateway(), query, **options)
        assert parts.asked == [ENCODER, INDEXER]
        assert found == fresh
        assert found.version == fresh.version != ""
    assert first.confidence is not None
    parts.ask(gateway, [*query, QueryPart("text", "a boat")])
    assert parts.asked == [ENCODER, INDEXER], "one of its texts is new"


def test_gateways_share_what_they_know(parts: Parts) -> None:
    state = MemoryState()
    one, other = parts.gateway(state), parts.gateway(state)
    found = parts.ask(one, CAR)
    parts.ask(other, [QueryPart("text", "a boat")])
    assert parts.ask(other, CAR) == found
    assert parts.asked == [INDEXER]


def test_photos_of_the_index_need_no_encoder_and_pictures_always_do(parts: Parts) -> None:
    gateway = parts.gateway()
    [best, *_] = parts.ask(gateway, CAR).hits
    similar = parts.ask(gateway, [QueryPart("id", best.stored.photo.id)])
    assert parts.asked == [INDEXER]
    assert best.stored.photo.id not in ids(similar.hits)
    picture = [*CAR, QueryPart("image", Path(best.stored.photo.uri).read_bytes())]
    found = parts.ask(gateway, picture)
    assert parts.asked == [ENCODER, INDEXER]
    again = parts.ask(gateway, [*CAR, QueryPart("vector", found.tokens[1])])
    assert parts.asked == [INDEXER], "its embedding is in the query"
    assert ids(again.hits[:3]) == ids(found.hits[:3])


def test_an_indexer_that_has_started_again_is_asked_by_way_of_the_encoder(parts: Parts) -> None:
    gateway = parts.gateway()
    found = parts.ask(gateway, CAR)
    parts.indexer.close()
    parts.indexer = VectorIndexer()
    assert parts.ask(gateway, CAR) == found, "confidence as well"
    assert parts.asked == [INDEXER, ENCODER, INDEXER]
    assert parts.ask(gateway, CAR) == found
    assert parts.asked == [INDEXER]


@pytest.mark.usefixtures("over_index")
def test_an_indexer_of_an_earlier_version_tells_nothing() -> None:
    parts = Parts(tells_texts=False)
    gateway = parts.gateway()
    for _ in range(2):
        parts.ask(gateway, CAR)
        assert parts.asked == [ENCODER, INDEXER]
    parts.close()
