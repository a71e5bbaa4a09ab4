"""The executor that turns photos and queries into vectors."""

import asyncio
import time
from typing import Any

from docarray import BaseDoc, DocList
from jina import Executor, requests

from photoseek.errors import QueryError
from photoseek.flow.conversion import (
    encoded_doc,
    encoded_query_doc,
    put_model,
    query_parts,
    usable,
)
from photoseek.flow.documents import EncodedQueryDoc, QueryDoc, StatusDoc
from photoseek.flow.indexer_contents import indexer_of
from photoseek.flow.photo_documents import EncodedDoc, PhotoDoc, described
from photoseek.flow.startup import begin, report_errors
from photoseek.helpers.query_threads import QueryThreads
from photoseek.indexing.building import build_encoder
from photoseek.indexing.contents import StoredContents
from photoseek.records import Skip
from photoseek.search.query_encoder import QueryEncoder
from photoseek.settings import load_settings
from photoseek.sharing import SharedTexts, shared_state


class ClipEncoder(Executor):
    """Fetches, decodes and embeds photos; embeds queries. Its settings are `PHOTOSEEK_*`."""

    def __init__(self, **kwargs: Any) -> None:
        begin("encoder")
        super().__init__(**kwargs)
        with report_errors():
            settings = load_settings()
            self._texts = SharedTexts(shared_state(settings)) if settings.redis else None
            self._encoder = build_encoder(
                settings, roots=settings.readable_roots, texts=self._texts
            )
            self._model = self._encoder.model
            self._query_encoder = QueryEncoder(self._encoder)
            self._indexer = indexer_of(settings)
            self._stored = StoredContents(self._indexer.ask) if self._indexer else None
        self._queries = QueryThreads()

    @requests(on="/index")
    async def index(self, docs: DocList[PhotoDoc], **_: Any) -> DocList[EncodedDoc]:
        """Embed photos; one that cannot be used carries its error and leaves the rest alone."""
        good = usable(docs)
        photos = [described(doc) for doc in good]
        known = [doc.known_hash for doc in good]
        keeps = [doc.keep for doc in good]
        encode, stored = self._encoder.encode, self._stored
        outcomes = iter(await asyncio.to_thread(encode, photos, known, keeps, stored))
        return DocList[EncodedDoc](
            encoded_doc(
                doc, Skip(doc.uri, doc.error) if doc.error else next(outcomes), self._model.identity
            )
            for doc in docs
        )

    @requests(on="/search")
    async def search(self, docs: DocList[QueryDoc], **_: Any) -> DocList[EncodedQueryDoc]:
        """Embed what queries say and show; photos by id are left to the indexer."""
        if self._texts:
            self._texts.begin()
        return DocList[EncodedQueryDoc](await self._queries.map(self._embed, docs))

    @requests(on="/status")
    async def status(self, docs: DocList[BaseDoc], **_: Any) -> DocList[StatusDoc]:
        """Say which model is loaded and how."""
        model, reads = self._model, self._encoder.reads_text
        about = {"precision": model.precision, "device": str(model.device), "reads_text": reads}
        statuses = [StatusDoc(id=doc.id, **about) for doc in docs]
        for status in statuses:
            put_model(status, model.identity)
        return DocList[StatusDoc](statuses)

    def close(self) -> None:
        """Stop the threads."""
        if hasattr(self, "_queries"):
            self._queries.close()
            self._encoder.close()
            if self._indexer:
                self._indexer.close()

    def _embed(self, doc: QueryDoc) -> EncodedQueryDoc:
        start = time.perf_counter()
        try:
            encoded = encoded_query_doc(doc, self._query_encoder.encode(query_parts(doc)))
        except QueryError as error:
            encoded = EncodedQueryDoc(id=doc.id, error=str(error))
        encoded.seconds = time.perf_counter() - start
        return encoded
