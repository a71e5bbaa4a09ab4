"""The executor that turns photos and queries into vectors."""

import asyncio
from typing import Any

from docarray import DocList
from jina import Executor, requests

from executors import compat
from executors.conversion import encoded_doc, photo_of, put_model
from executors.documents import EncodedDoc, EncodedQueryDoc, PhotoDoc, QueryDoc, StatusDoc
from executors.queries import QueryThreads
from executors.startup import report_errors
from photoseek.encoding import build_encoder
from photoseek.errors import PhotoError, QueryError
from photoseek.settings import load_settings


class ClipEncoder(Executor):
    """Fetches, decodes and embeds photos; embeds queries. Its settings are `PHOTOSEEK_*`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with report_errors():
            settings = load_settings()
            self._encoder = build_encoder(settings, roots=settings.readable_roots)
            self._model = self._encoder.model
        self._queries = QueryThreads()

    @requests(on="/index")
    async def index(self, docs: DocList[PhotoDoc], **_: Any) -> DocList[EncodedDoc]:
        """Embed photos; one that cannot be used carries its error and leaves the rest alone."""
        photos = [photo_of(doc) for doc in docs]
        known = [doc.known_hash for doc in docs]
        keeps = [doc.keep for doc in docs]
        outcomes = await asyncio.to_thread(self._encoder.encode, photos, known, keeps)
        return DocList[EncodedDoc](
            encoded_doc(doc, outcome, self._model.identity)
            for doc, outcome in zip(docs, outcomes, strict=True)
        )

    @requests(on="/search")
    async def search(self, docs: DocList[QueryDoc], **_: Any) -> DocList[EncodedQueryDoc]:
        """Embed queries by text or picture; a query by photo id passes through."""
        return DocList[EncodedQueryDoc](await self._queries.map(self._embed, docs))

    @requests(on="/status")
    async def status(self, docs: DocList[StatusDoc], **_: Any) -> DocList[StatusDoc]:
        """Say which model is loaded and how."""
        for doc in docs:
            put_model(doc, self._model.identity)
            doc.precision, doc.device = self._model.precision, str(self._model.device)
        return docs

    def close(self) -> None:
        """Stop the threads."""
        if hasattr(self, "_queries"):
            self._queries.close()
            self._encoder.close()

    def _embed(self, doc: QueryDoc) -> EncodedQueryDoc:
        fields = {name: getattr(doc, name) for name in QueryDoc.model_fields}
        encoded = EncodedQueryDoc(**fields)
        put_model(encoded, self._model.identity)
        try:
            _check(doc)
            if doc.text is not None:
                encoded.embedding = self._encoder.encode_text(doc.text)
            elif doc.image is not None:
                encoded.embedding = self._encoder.encode_picture(bytes(doc.image))
        except (PhotoError, QueryError) as error:
            encoded.error = str(error)
        encoded.image = None  # the indexer needs the vector only
        return encoded


def _check(doc: QueryDoc) -> None:
    given = [name for name in ("text", "image", "like") if getattr(doc, name) is not None]
    if len(given) != 1:
        raise QueryError(
            "A query needs exactly one of text, image or like (a photo id); "
            f"this one has {' and '.join(given) or 'none'}."
        )
    if doc.text is not None and not doc.text.strip():
        raise QueryError("The query is empty. Say what should be on the photo: red car at night.")


compat.apply()  # Jina imports this module first in a process of its own
