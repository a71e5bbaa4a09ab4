"""The executor that turns photos and queries into vectors."""

import asyncio
import time
from functools import partial
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
from photoseek.flow.index_model import is_second, model_told
from photoseek.flow.indexer_contents import indexer_of
from photoseek.flow.photo_documents import EncodedDoc, PhotoDoc, described
from photoseek.flow.startup import begin, report_errors
from photoseek.helpers.query_threads import QueryThreads
from photoseek.indexing.building import build_encoder
from photoseek.indexing.contents import StoredContents
from photoseek.indexing.encoder_in_use import EncoderInUse
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.records import ModelIdentity, Skip
from photoseek.search.query_encoder import QueryEncoder, photos_pause
from photoseek.settings import load_settings
from photoseek.sharing import SharedTexts, shared_state

SEARCH_SECONDS = 0.02
"""Photos go on pausing for so long after a query is encoded: it is searched for elsewhere then."""


class ClipEncoder(Executor):
    """Fetches, decodes and embeds photos; embeds queries. Its settings are `PHOTOSEEK_*`."""

    def __init__(self, **kwargs: Any) -> None:
        begin("encoder")
        super().__init__(**kwargs)
        with report_errors():
            settings = load_settings()
            self._texts = SharedTexts(shared_state(settings)) if settings.redis else None
            self._settings = settings
            self._indexer = indexer_of(settings.parts_secret, settings.search_seconds)
            self._index_model: ModelIdentity | None = None
            self._encoders = EncoderInUse(self._load, lambda: self._index_model, self._contents)
            self._encoders.for_queries()
        self._queries = QueryThreads()

    @requests(on="/index")
    async def index(
        self, docs: DocList[PhotoDoc], parameters: dict[str, Any] | None = None, **_: Any
    ) -> DocList[EncodedDoc]:
        """Embed photos; one that cannot be used carries its error and leaves the rest alone."""
        self._follow(parameters)
        edition = await asyncio.to_thread(self._encoders.for_photos)
        encoder = edition.encoder
        good = usable(docs)
        photos = [described(doc) for doc in good]
        known = [doc.known_hash for doc in good]
        keeps = [doc.keep for doc in good]
        encode, stored = encoder.encode, edition.contents
        outcomes = iter(await asyncio.to_thread(encode, photos, known, keeps, stored))
        return DocList[EncodedDoc](
            encoded_doc(
                doc, Skip(doc.uri, doc.error) if doc.error else next(outcomes), encoder.identity
            )
            for doc in docs
        )

    @requests(on="/search")
    async def search(
        self, docs: DocList[QueryDoc], parameters: dict[str, Any] | None = None, **_: Any
    ) -> DocList[EncodedQueryDoc]:
        """Embed what queries say and show; photos by id are left to the indexer."""
        self._follow(parameters)
        if is_second(parameters):
            await asyncio.to_thread(self._encoders.for_photos)
        if self._texts:
            self._texts.begin()
        return DocList[EncodedQueryDoc](await self._queries.map(self._embed, docs))

    @requests(on="/status")
    async def status(self, docs: DocList[BaseDoc], **_: Any) -> DocList[StatusDoc]:
        """Say which model is loaded and how."""
        encoder = self._encoders.for_queries()
        model, reads = encoder.model, encoder.reads_text
        about = {"precision": model.precision, "device": str(model.device), "reads_text": reads}
        statuses = [StatusDoc(id=doc.id, **about) for doc in docs]
        for status in statuses:
            put_model(status, model.identity)
        return DocList[StatusDoc](statuses)

    def close(self) -> None:
        """Stop the threads."""
        if hasattr(self, "_queries"):
            self._queries.close()
            self._encoders.close()
            if self._indexer:
                self._indexer.close()

    def _load(self, by_index: bool) -> PhotoEncoder:
        settings = self._settings
        if by_index and self._index_model is not None:
            settings = settings.model_copy(update={"model": self._index_model.name})
        roots = settings.readable_roots
        return build_encoder(settings, roots=roots, texts=self._texts, gives_way=True)

    def _contents(self, model: ModelIdentity | None) -> StoredContents | None:
        return StoredContents(partial(self._indexer.ask, model=model)) if self._indexer else None

    def _follow(self, parameters: dict[str, Any] | None) -> None:
        """Hear from the gateway which model the index has by now."""
        self._index_model = model_told(parameters) or self._index_model

    def _embed(self, doc: QueryDoc) -> EncodedQueryDoc:
        start = time.perf_counter()
        try:
            parts = query_parts(doc)
            with photos_pause(parts, SEARCH_SECONDS if parts and not doc.only_vectors else 0.0):
                query = QueryEncoder(self._encoders.for_queries()).encode(parts)
            encoded = encoded_query_doc(doc, query)
        except QueryError as error:
            encoded = EncodedQueryDoc(id=doc.id, error=str(error))
        encoded.seconds = time.perf_counter() - start
        return encoded
