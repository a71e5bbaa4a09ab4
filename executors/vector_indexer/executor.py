"""The executor that keeps the vectors and finds the nearest ones."""

import asyncio
from typing import Any

from docarray import BaseDoc, DocList
from jina import Executor, requests

from executors import compat
from executors.conversion import encoded_photo, hit_doc, model_of, photo_of
from executors.documents import (
    CountDoc,
    EncodedDoc,
    EncodedQueryDoc,
    IdsDoc,
    KnownDoc,
    OutcomeDoc,
    ResultDoc,
    StatusDoc,
)
from executors.queries import QueryThreads
from executors.startup import report_errors
from photoseek.encoding import UnchangedPhoto
from photoseek.errors import QueryError
from photoseek.library import Library
from photoseek.settings import load_settings
from photoseek.storage import Links
from photoseek.store import parse_condition


class VectorIndexer(Executor):
    """Stores vectors and searches them. Its settings are `PHOTOSEEK_*`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with report_errors():
            settings = load_settings()
            self._library = Library(settings.index)
            self._links = Links(settings.link_seconds)
            self._library.status()  # an index that cannot be read is told now, not at a search
        self._queries = QueryThreads()

    @requests(on="/index")
    async def index(self, docs: DocList[EncodedDoc], **_: Any) -> DocList[OutcomeDoc]:
        """Store a batch in one commit and say what became of each photo."""
        await asyncio.to_thread(self._add, docs)
        return DocList[OutcomeDoc](map(_outcome, docs))

    @requests(on="/search")
    async def search(self, docs: DocList[EncodedQueryDoc], **_: Any) -> DocList[ResultDoc]:
        """Find the nearest photos to each query."""
        return DocList[ResultDoc](await self._queries.map(self._search, docs))

    @requests(on="/known")
    async def known(self, docs: DocList[IdsDoc], **_: Any) -> DocList[KnownDoc]:
        """Say which photos are stored already, so that a client sends only the others."""
        return DocList[KnownDoc]([await asyncio.to_thread(self._known, doc) for doc in docs])

    @requests(on="/delete")
    async def delete(self, docs: DocList[IdsDoc], **_: Any) -> DocList[CountDoc]:
        """Forget photos; the answer counts those that were there."""
        return DocList[CountDoc](
            [
                CountDoc(id=doc.id, count=await asyncio.to_thread(self._library.delete, doc.ids))
                for doc in docs
            ]
        )

    @requests(on="/maintain")
    async def maintain(self, docs: DocList[BaseDoc], **_: Any) -> DocList[BaseDoc]:
        """Compact the index and bring its ANN part up to date, after a long run of changes."""
        await asyncio.to_thread(self._library.maintain)
        return docs

    @requests(on="/status")
    async def status(self, docs: DocList[StatusDoc], **_: Any) -> DocList[StatusDoc]:
        """Say what the index holds."""
        status = await asyncio.to_thread(self._library.status)
        for doc in docs:
            doc.location = self._library.location
            if status is not None:
                doc.photos, doc.ann = status.photos, status.ann
        return docs

    def close(self) -> None:
        """Stop the threads."""
        if hasattr(self, "_queries"):
            self._queries.close()

    def _add(self, docs: DocList[EncodedDoc]) -> None:
        good = [doc for doc in docs if not doc.error]
        model = model_of(good[0]) if good else None
        if model is None:
            return
        encoded = [encoded_photo(doc) for doc in good if doc.embedding is not None]
        unchanged = [
            UnchangedPhoto(photo_of(doc), doc.content_hash) for doc in good if doc.embedding is None
        ]
        self._library.add(encoded, unchanged, model)

    def _search(self, doc: EncodedQueryDoc) -> ResultDoc:
        if doc.error:
            return ResultDoc(id=doc.id, error=doc.error)
        query: Any = doc.like if doc.embedding is None else doc.embedding
        try:
            hits = self._library.search(
                query,
                doc.top_k,
                model=model_of(doc),
                where=[parse_condition(text) for text in doc.where],
                offset=doc.offset,
            )
        except QueryError as error:
            return ResultDoc(id=doc.id, error=str(error))
        links = [self._links.link(hit.stored.photo.uri) for hit in hits]
        return ResultDoc(id=doc.id, hits=DocList(map(hit_doc, hits, links)))

    def _known(self, doc: IdsDoc) -> KnownDoc:
        known = self._library.known(doc.ids)
        return KnownDoc(
            id=doc.id,
            ids=list(known),
            fingerprints=[photo.fingerprint for photo in known.values()],
            hashes=[photo.content_hash for photo in known.values()],
            keeps=[photo.keep for photo in known.values()],
        )


def _outcome(doc: EncodedDoc) -> OutcomeDoc:
    if doc.error:
        return OutcomeDoc(id=doc.id, uri=doc.uri, outcome="skipped", error=doc.error)
    outcome = "updated" if doc.embedding is None else "indexed"
    return OutcomeDoc(id=doc.id, uri=doc.uri, outcome=outcome)


compat.apply()  # Jina imports this module first in a process of its own
