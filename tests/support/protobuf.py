"""Jina's way to the indexer, within this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

from docarray import DocList
from fastapi import FastAPI

from executors.vector_indexer.executor import VectorIndexer
from photoseek.flow.documents import (
    BlobDoc,
    FilterDoc,
    IdsDoc,
    StatusDoc,
    WantedDoc,
)
from photoseek.flow.flow_service import FlowService
from photoseek.flow.photo_documents import FingerprintsDoc
from photoseek.gateway.app import create_app
from photoseek.settings import Settings

TAKES: dict[str, Any] = {
    "/photos": WantedDoc,
    "/blobs": BlobDoc,
    "/facets": FilterDoc,
    "/delete": IdsDoc,
    "/known": IdsDoc,
    "/fingerprints": FingerprintsDoc,
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
        yield SimpleNamespace(docs=await getattr(self._indexer, exec_endpoint.strip("/"))(given))

    async def parts_are_up(self) -> bool:
        return True

    def app(self, settings: Settings) -> FastAPI:
        """The application of a gateway in front of the indexer."""
        service = FlowService(self.stream_docs, settings, self.parts_are_up)
        return create_app(service, settings)
