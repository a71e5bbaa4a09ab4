"""Jina's way to the indexer, within this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

from docarray import DocList

from executors.vector_indexer.executor import VectorIndexer
from photoseek.errors import StoreError
from photoseek.flow.documents import FilterDoc, IdsDoc, KeptDoc, StatusDoc, WantedDoc
from photoseek.flow.jina_errors import STATUS
from photoseek.gateway.problems import Problem

TAKES: dict[str, Any] = {
    "/photos": WantedDoc,
    "/kept": KeptDoc,
    "/facets": FilterDoc,
    "/delete": IdsDoc,
    "/known": IdsDoc,
    "/status": StatusDoc,
}


class Wire:
    """What the gateway's routes ask; `asked` are the endpoints in order."""

    def __init__(self, indexer: VectorIndexer) -> None:
        self._indexer = indexer
        self.asked: list[str] = []

    async def stream_docs(self, docs: Any, exec_endpoint: str, **_: Any) -> AsyncIterator[Any]:
        self.asked.append(exec_endpoint)
        takes = TAKES[exec_endpoint]
        given = DocList[takes](doc if isinstance(doc, takes) else takes(id=doc.id) for doc in docs)
        try:
            answers = await getattr(self._indexer, exec_endpoint.strip("/"))(given)
        except StoreError as error:
            raise Problem(STATUS[type(error).__name__], str(error)) from error
        yield SimpleNamespace(docs=answers)
