"""A Flow's indexer leaves out what was deleted on purpose while it was being encoded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from docarray import DocList

from executors.vector_indexer.executor import VectorIndexer
from photoseek.flow.conversion import encoded_doc
from photoseek.flow.documents import DeleteDoc, IdsDoc
from photoseek.flow.photo_documents import EncodedDoc, PhotoDoc
from photoseek.indexing.results import DELETED_MEANWHILE
from tests.support.stored_photos import MODEL, encoded, photo


@pytest.fixture
def indexer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VectorIndexer]:
    monkeypatch.setenv("PHOTOSEEK_INDEX", str(tmp_path / "index"))
    indexer = VectorIndexer()
    yield indexer
    indexer.close()


def test_a_photo_that_was_deleted_while_it_was_encoded_is_left_out(indexer: VectorIndexer) -> None:
    def sent(number: int, known_hash: str) -> EncodedDoc:
        doc = PhotoDoc(id=photo(number).id, uri=photo(number).uri, known_hash=known_hash)
        return encoded_doc(doc, encoded(number), MODEL)

    def index(*docs: EncodedDoc) -> list[tuple[str, str]]:
        outcomes = asyncio.run(indexer.index(DocList[EncodedDoc](docs)))
        return [(each.outcome, each.error) for each in outcomes]

    async def delete() -> None:
        await indexer.delete(DocList[DeleteDoc]([DeleteDoc(ids=[photo(1).id])]))

    assert index(sent(1, ""), sent(2, "")) == [("indexed", ""), ("indexed", "")]
    asyncio.run(delete())
    again = index(sent(1, "f" * 32), sent(2, "f" * 32))
    assert again == [("skipped", DELETED_MEANWHILE), ("indexed", "")]
    known = asyncio.run(indexer.known(DocList[IdsDoc]([IdsDoc(ids=[photo(1).id])])))
    assert (known[0].ids, known[0].deleted) == ([], [photo(1).id])
    assert index(sent(1, "")) == [("indexed", "")], "what is sent as new is wanted again"
