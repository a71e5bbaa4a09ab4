"""The product behind the gateway's routes: the encoder and the indexer of a Flow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from docarray import BaseDoc, DocList
from typing_extensions import override

from photoseek.errors import PhotoseekError
from photoseek.files.names import Opened
from photoseek.flow import from_documents
from photoseek.flow.documents import (
    BlobDoc,
    CountDoc,
    DeleteDoc,
    EncodedQueryDoc,
    FacetsDoc,
    FilterDoc,
    IdsDoc,
    KnownDoc,
    PartDoc,
    PhotosDoc,
    QueryDoc,
    ResultDoc,
    StatusDoc,
    WantedDoc,
)
from photoseek.flow.index_model import parameters_of
from photoseek.flow.known_texts import GatewayTexts
from photoseek.flow.photo_documents import FingerprintsDoc, OutcomeDoc
from photoseek.flow.to_documents import part_doc, photo_docs, wire, written_filters
from photoseek.gateway.heavy import in_thread
from photoseek.gateway.problems import NO_INDEX, UNAVAILABLE, what_ails
from photoseek.gateway.route_policy import BLOBS, BLOBS_BEFORE, FINGERPRINTS
from photoseek.gateway.service import VERSION_SHARE, Service, answered_within
from photoseek.helpers.fingerprints import FingerprintPage
from photoseek.records import (
    Embeddings,
    Facets,
    Filter,
    Found,
    Keep,
    KnownPhoto,
    Outcome,
    Photo,
    Sort,
    Status,
    StoredPhoto,
)
from photoseek.search.grammar import QueryPart
from photoseek.search.listing import no_list
from photoseek.settings import ServiceSettings
from photoseek.sharing import MemoryState, SharedState
from photoseek.store.sorting import sort_text

StreamDocs = Callable[..., AsyncIterator[Any]]
"""Sends documents through the Flow, and gives one answer. Raises PhotoseekError."""

ENCODER, INDEXER = "encoder", "indexer"
"""The names of the executors, as the Flow's YAML gives them: one answers what needs no model, and
the other what needs no index."""

LOOK_AGAIN_SECONDS = 1.0
"""Before a part that is not up is looked for once more."""

_PHOTO_BYTES = 1_000
"""About as much as one photo of a batch is, to say whether a thread is worth its while."""


class FlowService(Service):
    """Asks the executors of a Flow: documents on the wire, records here."""

    def __init__(
        self,
        stream_docs: StreamDocs,
        settings: ServiceSettings,
        parts_are_up: Callable[[], Awaitable[bool]],
        state: SharedState | None = None,
    ) -> None:
        """`parts_are_up` tells whether every executor answers; `state` has embeddings of texts."""
        self._stream_docs = stream_docs
        self._parts_are_up = parts_are_up
        self._search_seconds = settings.search_seconds
        self._fetch_seconds = settings.original_seconds
        self._index_model = ""
        self._texts = GatewayTexts(state or MemoryState())

    @override
    def tokenizer(self) -> str | None:
        return self._texts.tokenizer

    @override
    async def search(
        self,
        parts: Sequence[QueryPart],
        *,
        top_k: int = 10,
        offset: int = 0,
        where: Sequence[Filter] = (),
        hybrid: bool = False,
        dedupe: bool = False,
        sort: Sort | None = None,
        after: str = "",
    ) -> Found:
        if not parts:
            asked = {"top_k": top_k, "offset": offset, "sort": sort_text(sort), "after": after}
            return await self._listed(asked, where)
        no_list(after)
        asked = wire(
            QueryDoc,
            parts=DocList[PartDoc](map(part_doc, parts)),
            top_k=top_k,
            offset=offset,
            where=written_filters(where),
            hybrid=hybrid,
            dedupe=dedupe,
            sort=sort_text(sort),
            packed=True,
        )
        answer, tokenizer = await self._found(asked, parts)
        from_documents.check_sorted(sort_text(sort), answer)
        hits = await in_thread(len(answer.packed), from_documents.hits_of, answer.packed)
        return from_documents.found_of(parts, answer, hits, offset, tokenizer)

    @override
    async def embed(self, parts: Sequence[QueryPart]) -> Embeddings:
        docs = [
            wire(QueryDoc, parts=DocList[PartDoc]([part_doc(part)]), only_vectors=True)
            for part in parts
        ]
        async with answered_within(self._search_seconds):
            answers = await self._ask("/search", docs, EncodedQueryDoc, only=ENCODER)
        return from_documents.embeddings_of(answers)

    @override
    async def facets(self, where: Sequence[Filter] = ()) -> Facets:
        asked = wire(FilterDoc, where=written_filters(where))
        return from_documents.facets_of(await self._read("/facets", asked, FacetsDoc))

    @override
    async def photos(
        self, ids: Sequence[str], *, opened: Opened | None = None
    ) -> list[StoredPhoto]:
        asked = wire(WantedDoc, ids=list(ids), opened=opened)
        answer = await self._read("/photos", asked, PhotosDoc)
        return await in_thread(len(answer.photos), from_documents.stored_photos, answer.photos)

    @override
    async def thumbnail(self, photo_id: str) -> bytes:
        return await self._blob(wire(BlobDoc, photo=photo_id))

    @override
    async def original(self, photo_id: str) -> bytes:
        asked = wire(BlobDoc, photo=photo_id, what="original")
        return await self._blob(asked, self._fetch_seconds)

    @override
    async def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        [answer] = await self._ask("/known", [wire(IdsDoc, ids=list(ids))], KnownDoc)
        return from_documents.known_of(answer)

    @override
    async def fingerprints(
        self, most: int, keep: Keep | None = None, after: str = ""
    ) -> FingerprintPage | None:
        asked = wire(FingerprintsDoc, most=most, keeps=keep or "", after=after)
        [answer] = await self._ask(FINGERPRINTS, [asked], FingerprintsDoc)
        return from_documents.fingerprints_of(answer)

    @override
    async def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        if not photos:
            return []
        size = _PHOTO_BYTES * len(photos)
        docs = await in_thread(size, photo_docs, photos, known_hashes, keeps)
        answers = await self._ask("/index", docs, OutcomeDoc, only=None)
        for model in {each.index_model for each in answers} - {""}:
            self._index_model = model
            answers = await self._ask("/index", docs, OutcomeDoc, only=None, is_second=True)
        return [Outcome(each.uri, each.outcome, each.error) for each in answers]

    @override
    async def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        asked = wire(DeleteDoc, ids=list(ids), vanished=vanished)
        [answer] = await self._ask("/delete", [asked], CountDoc)
        return int(answer.count)

    @override
    async def maintain(self) -> None:
        await self._ask("/maintain", [BaseDoc()], BaseDoc)

    @override
    async def prepare(self) -> None:
        """A part is not up before it has loaded its model."""
        while not await self._parts_are_up():
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    @override
    async def status(self) -> Status:
        answer = await self._read("/status", BaseDoc(), StatusDoc, only=None)
        return from_documents.status_of(answer)

    @override
    async def version(self) -> str:
        asked = wire(StatusDoc, only_version=True)
        seconds = VERSION_SHARE * self._search_seconds
        answer = await self._read("/status", asked, StatusDoc, seconds=seconds)
        return str(answer.version)

    @override
    async def problem(self) -> str:
        if not await self._parts_are_up():
            return UNAVAILABLE
        try:
            [status] = await self._ask("/status", [StatusDoc()], StatusDoc)
        except PhotoseekError as error:
            return what_ails(error)
        return NO_INDEX if status.problem else ""

    async def _found(
        self, asked: QueryDoc, parts: Sequence[QueryPart]
    ) -> tuple[ResultDoc, str | None]:
        """The answer to a query, of the indexer alone where its texts are known here, and how its
        texts were read, where that is told.
        """
        if known := await self._texts.encoded(asked, parts):
            answer: ResultDoc = await self._read("/search", known, ResultDoc)
            self._note_model(answer)
            if not answer.asks_again:
                return answer, known.tokenizer
        answer = await self._read("/search", asked, ResultDoc, only=None)
        if answer.asks_again:
            self._note_model(answer)
            answer = await self._read("/search", asked, ResultDoc, only=None, is_second=True)
        tokenizer = await self._texts.learn(parts, answer.texts)
        self._note_model(answer)
        return answer, tokenizer

    def _note_model(self, answer: ResultDoc) -> None:
        if answer.index_model:
            self._index_model = answer.index_model
            self._texts.forget_model()

    async def _blob(self, asked: BlobDoc, seconds: float | None = None) -> bytes:
        answer = await self._read(BLOBS, asked, BlobDoc, seconds=seconds)
        if answer.data is None:  # an older indexer knows no such endpoint and changes nothing
            answer = await self._read(BLOBS_BEFORE, asked, BlobDoc, seconds=seconds)
        return bytes(answer.data)

    async def _listed(self, asked: dict[str, Any], where: Sequence[Filter]) -> Found:
        doc = wire(WantedDoc, where=written_filters(where), **asked)
        answer = await self._read("/photos", doc, PhotosDoc)
        from_documents.check_sorted(asked["sort"] or asked["after"], answer)
        photos = await in_thread(len(answer.photos), from_documents.stored_photos, answer.photos)
        return from_documents.listed(photos, answer, asked["offset"])

    async def _read(
        self,
        endpoint: str,
        doc: BaseDoc,
        gives: type[BaseDoc],
        *,
        only: str | None = INDEXER,
        seconds: float | None = None,
        is_second: bool = False,
    ) -> Any:
        """The answer to one document, within `seconds` or the time of a search."""
        seconds = seconds or self._search_seconds
        async with answered_within(seconds):
            [answer] = await self._ask(endpoint, [doc], gives, only=only, is_second=is_second)
        from_documents.check_answered(getattr(answer, "error", ""))
        return answer

    async def _ask(
        self,
        endpoint: str,
        docs: Sequence[BaseDoc],
        gives: type[BaseDoc],
        *,
        only: str | None = INDEXER,
        is_second: bool = False,
    ) -> list[Any]:
        """The answers to documents; `only` names the one executor that needs to be asked.

        `is_second` where they were asked with the model that the index had before.
        """
        responses = self._stream_docs(
            docs=DocList[type(docs[0])](docs),
            exec_endpoint=endpoint,
            return_type=DocList[gives],
            only=only,
            parameters=parameters_of(self._index_model, is_second=is_second),
        )
        return [answer async for response in responses for answer in response.docs]
