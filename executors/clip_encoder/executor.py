"""The executor that turns photos and queries into vectors."""

import asyncio
import time
from typing import Any

from docarray import BaseDoc, DocList
from jina import Executor, requests

from photoseek.errors import PhotoError, QueryError
from photoseek.flow.conversion import encoded_doc, put_model, usable
from photoseek.flow.documents import (
    EncodedDoc,
    EncodedPartDoc,
    EncodedQueryDoc,
    PartDoc,
    PhotoDoc,
    QueryDoc,
    StatusDoc,
    described,
)
from photoseek.flow.query_threads import QueryThreads
from photoseek.flow.startup import begin_executor, report_errors
from photoseek.indexing.encoding import build_encoder
from photoseek.records import Skip
from photoseek.search.grammar import check_weight
from photoseek.search.tokens import from_token, to_token
from photoseek.settings import load_settings

GIVEN = ("text", "image", "like", "vector")


class ClipEncoder(Executor):
    """Fetches, decodes and embeds photos; embeds queries. Its settings are `PHOTOSEEK_*`."""

    def __init__(self, **kwargs: Any) -> None:
        begin_executor()
        super().__init__(**kwargs)
        with report_errors():
            settings = load_settings()
            self._encoder = build_encoder(settings, roots=settings.readable_roots)
            self._model = self._encoder.model
        self._queries = QueryThreads()

    @requests(on="/index")
    async def index(self, docs: DocList[PhotoDoc], **_: Any) -> DocList[EncodedDoc]:
        """Embed photos; one that cannot be used carries its error and leaves the rest alone."""
        good = usable(docs)
        photos = [described(doc) for doc in good]
        known = [doc.known_hash for doc in good]
        keeps = [doc.keep for doc in good]
        outcomes = iter(await asyncio.to_thread(self._encoder.encode, photos, known, keeps))
        return DocList[EncodedDoc](
            encoded_doc(
                doc, Skip(doc.uri, doc.error) if doc.error else next(outcomes), self._model.identity
            )
            for doc in docs
        )

    @requests(on="/search")
    async def search(self, docs: DocList[QueryDoc], **_: Any) -> DocList[EncodedQueryDoc]:
        """Embed what queries say and show; photos by id are left to the indexer."""
        return DocList[EncodedQueryDoc](await self._queries.map(self._embed, docs))

    @requests(on="/status")
    async def status(self, docs: DocList[BaseDoc], **_: Any) -> DocList[StatusDoc]:
        """Say which model is loaded and how."""
        model = self._model
        statuses = [
            StatusDoc(id=doc.id, precision=model.precision, device=str(model.device))
            for doc in docs
        ]
        for status in statuses:
            put_model(status, model.identity)
        return DocList[StatusDoc](statuses)

    def close(self) -> None:
        """Stop the threads."""
        if hasattr(self, "_queries"):
            self._queries.close()
            self._encoder.close()

    def _embed(self, doc: QueryDoc) -> EncodedQueryDoc:
        start = time.perf_counter()
        names = ("id", "top_k", "offset", "where", "hybrid", "folded", "packed")
        encoded = EncodedQueryDoc(**{name: getattr(doc, name) for name in names})
        put_model(encoded, self._model.identity)
        try:
            parts = _parts(doc)
            for part in parts:
                self._embed_part(part, encoded)
        except (PhotoError, QueryError) as error:
            encoded.error = str(error)
        encoded.seconds = time.perf_counter() - start
        return encoded

    def _embed_part(self, part: PartDoc, encoded: EncodedQueryDoc) -> None:
        identity, embedding, vector = self._model.identity, None, ""
        if part.text is not None:
            embedding = self._encoder.encode_text(part.text)
            encoded.words += f" {part.text}" if part.weight > 0 else ""
        elif part.image is not None:
            embedding = self._encoder.encode_picture(bytes(part.image))
            vector = to_token(embedding, identity)
        elif part.vector is not None:
            embedding = from_token(part.vector, identity)
        encoded.vectors.append(vector)
        encoded.parts.append(
            EncodedPartDoc(
                like=part.like or "",
                shown=part.text is None,
                embedding=embedding,
                weight=part.weight,
            )
        )


def _parts(doc: QueryDoc) -> list[PartDoc]:
    """The parts of a query; the short form stands for one part."""
    short = PartDoc(text=doc.text, image=doc.image, like=doc.like)
    parts = [*([short] if _given(short) else []), *doc.parts]
    for part in parts:
        check_weight(part.weight)
        if len(given := _given(part)) != 1:
            raise QueryError(
                "A part of a query needs exactly one of text, image, like (a photo id) or vector; "
                f"this one has {' and '.join(given) or 'none'}."
            )
        if part.text is not None and not part.text.strip():
            raise QueryError(
                "The query is empty. Say what should be on the photo: red car at night."
            )
    if not parts:
        raise QueryError("A query needs one of text, image, like (a photo id) or parts.")
    return parts


def _given(part: PartDoc) -> list[str]:
    return [name for name in GIVEN if getattr(part, name) is not None]
