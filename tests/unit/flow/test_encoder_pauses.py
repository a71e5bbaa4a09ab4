"""Photos of a Flow's encoder pause on while the indexer searches for what was encoded."""

from __future__ import annotations

import asyncio

import pytest
from docarray import DocList

from executors.clip_encoder.executor import ClipEncoder
from photoseek.flow.documents import PartDoc, QueryDoc
from photoseek.helpers.pausing import Pauses
from photoseek.search import query_encoder


@pytest.mark.parametrize(
    ("asked", "pauses_on"),
    [
        (QueryDoc(text="red"), True),
        (QueryDoc(text="red", only_vectors=True), False),
        (QueryDoc(parts=DocList[PartDoc]()), False),
    ],
    ids=["a search", "an embedding", "nothing to search for"],
)
def test_photos_pause_on_while_a_text_is_searched_for(
    asked: QueryDoc, pauses_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOSEEK_MODEL", "demo")
    pauses = Pauses(clock=lambda: 0.0)
    monkeypatch.setattr(query_encoder, "PAUSES", pauses)
    encoder = ClipEncoder()
    [answer] = asyncio.run(encoder.search(DocList[QueryDoc]([asked])))
    encoder.close()
    assert pauses.wanted is pauses_on
    assert bool(answer.error) is (not pauses_on and not asked.only_vectors)
