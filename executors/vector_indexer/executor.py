"""The executor that keeps the vectors and finds the nearest ones."""

import asyncio
import json
import time
from dataclasses import replace
from functools import partial
from typing import Any, cast

from docarray import BaseDoc, DocList
from jina import Executor, requests

from photoseek.errors import MissingStoreError, ModelMismatchError, QueryError
from photoseek.files.links import Links
from photoseek.flow.conversion import (
    content_doc,
    encoded_photo,
    model_of,
    result_doc,
    search_of,
    stored_fields,
    unchanged_photo,
)
from photoseek.flow.documents import (
    BlobDoc,
    CountDoc,
    DeleteDoc,
    EncodedQueryDoc,
    FacetDoc,
    FacetsDoc,
    FilterDoc,
    IdsDoc,
    KnownDoc,
    PhotosDoc,
    ResultDoc,
    StatusDoc,
    WantedDoc,
)
from photoseek.flow.index_model import is_second, model_in, told_model
from photoseek.flow.indexer_contents import CONTENTS
from photoseek.flow.json_bytes import JsonBytes
from photoseek.flow.known_texts import MeaninglessTexts, told_texts
from photoseek.flow.photo_documents import (
    ContentDoc,
    EncodedDoc,
    FingerprintsDoc,
    HashesDoc,
    OutcomeDoc,
)
from photoseek.flow.startup import begin, report_errors
from photoseek.gateway.route_policy import FINGERPRINTS
from photoseek.gateway.service import version_in_time
from photoseek.helpers.deadlines import within
from photoseek.helpers.query_threads import DISK_THREADS, THREADS, QueryThreads
from photoseek.indexing.recurring import EVERY_SECONDS, Recurring
from photoseek.indexing.results import DELETED_MEANWHILE
from photoseek.photo_index import PhotoIndex
from photoseek.photos import content_type
from photoseek.records import Keep
from photoseek.settings import load_settings
from photoseek.store import is_folder
from photoseek.store.lazy import LazyStore

INDEXERS_SHARE = 0.9
"""Of the time that a search has in all: then the reason still reaches the gateway in time."""

FACETS_BEFORE = ("tags", "licence", "photographer", "orientation", "colours", "years")
"""What gateways up to 0.3.0 expect in each answer, also where no photo has any of it."""

CHANGE_SECONDS = 60.0
"""How long a change, or what prepares one, may wait until its commit begins."""


class VectorIndexer(Executor):
    """Stores vectors and searches them. Its settings are `PHOTOSEEK_*`."""

    def __init__(self, upkeep_every: float = EVERY_SECONDS, **kwargs: Any) -> None:
        """The index is put in order each `upkeep_every` seconds, where anything is due."""
        begin("indexer")
        super().__init__(**kwargs)
        with report_errors():
            settings = load_settings()
            links = Links(settings.link_seconds, settings.readable_roots, type_of=content_type)
            store, fields = LazyStore(settings.index, settings), settings.keyword_fields
            self._index = PhotoIndex(store, links, settings.state, fields)
            self._index.index_status()  # an index that cannot be read is told now, not at a search
            if fields is not None:
                self._index.use_keyword_fields(fields)
        self._meaningless = MeaninglessTexts()
        self._queries = QueryThreads(DISK_THREADS if is_folder(settings.index) else THREADS)
        self._recurring = [Recurring(self._index.maintain, "upkeep", upkeep_every)]
        if is_folder(settings.index):
            self._recurring.append(
                Recurring(self._index.warm, "reading ahead", upkeep_every, ahead=True)
            )
        self._seconds = INDEXERS_SHARE * settings.search_seconds
        self._original_seconds = max(self._seconds, settings.fetch_seconds)

    @requests(on="/index")
    async def index(
        self, docs: DocList[EncodedDoc], parameters: dict[str, Any] | None = None, **_: Any
    ) -> DocList[OutcomeDoc]:
        """Store a batch in one commit and say what became of each photo."""
        try:
            await asyncio.to_thread(self._add, docs)
        except ModelMismatchError as error:
            if is_second(parameters):
                raise
            told = await asyncio.to_thread(self._model_of_index)
            return DocList[OutcomeDoc](_refused(doc, told, str(error)) for doc in docs)
        return DocList[OutcomeDoc](map(_outcome, docs))

    @requests(on="/search")
    async def search(
        self, docs: DocList[EncodedQueryDoc], parameters: dict[str, Any] | None = None, **_: Any
    ) -> DocList[ResultDoc]:
        """Find the nearest photos to each query."""
        search = partial(self._search, is_last=is_second(parameters))
        with within(self._seconds):
            return DocList[ResultDoc](await self._queries.map(search, docs))

    @requests(on="/photos")
    async def photos(self, docs: DocList[WantedDoc], **_: Any) -> DocList[PhotosDoc]:
        """Describe photos by id, or list those that satisfy filters, newest first."""
        with within(self._seconds):
            return DocList[PhotosDoc](await self._queries.map(self._photos, docs))

    @requests(on=["/blobs", "/kept"])  # the latter is its name up to 0.3.0
    async def blobs(self, docs: DocList[BlobDoc], **_: Any) -> DocList[BlobDoc]:
        """Give the thumbnails or originals that the index keeps."""
        originals = any(doc.what == "original" for doc in docs)
        with within(self._original_seconds if originals else self._seconds):
            return DocList[BlobDoc](await self._queries.map(self._blob, docs))

    @requests(on="/facets")
    async def facets(self, docs: DocList[FilterDoc], **_: Any) -> DocList[FacetsDoc]:
        """Count what the photos of a set have in common."""
        with within(self._seconds):
            return DocList[FacetsDoc](await self._queries.map(self._facets, docs))

    @requests(on="/known")
    async def known(self, docs: DocList[IdsDoc], **_: Any) -> DocList[KnownDoc]:
        """Say which photos are stored already, so that a client sends only the others."""
        with within(CHANGE_SECONDS):
            return DocList[KnownDoc](await self._queries.map(self._known, docs))

    @requests(on=FINGERPRINTS)
    async def fingerprints(
        self, docs: DocList[FingerprintsDoc], **_: Any
    ) -> DocList[FingerprintsDoc]:
        """Give fingerprints in pages, by which a client tells what is unchanged."""
        with within(CHANGE_SECONDS):
            return DocList[FingerprintsDoc](await self._queries.map(self._fingerprints, docs))

    @requests(on=CONTENTS)
    async def contents(self, docs: DocList[HashesDoc], **_: Any) -> DocList[ContentDoc]:
        """Tell an encoder what is stored for the bytes of photos, under whatever ids."""
        with within(self._seconds):
            found = await self._queries.map(self._contents, docs)
        return DocList[ContentDoc](each for some in found for each in some)

    @requests(on="/delete")
    async def delete(self, docs: DocList[DeleteDoc], **_: Any) -> DocList[CountDoc]:
        """Forget photos; the answer counts those that were there."""
        return DocList[CountDoc]([await asyncio.to_thread(self._delete, doc) for doc in docs])

    @requests(on="/maintain")
    async def maintain(self, docs: DocList[BaseDoc], **_: Any) -> DocList[BaseDoc]:
        """Compact the index and bring its ANN part up to date, after a long run of changes."""
        await asyncio.to_thread(self._index.maintain)
        return docs

    @requests(on="/status")
    async def status(self, docs: DocList[StatusDoc], **_: Any) -> DocList[StatusDoc]:
        """Say what the index holds."""
        with within(self._seconds):
            return DocList[StatusDoc](await self._queries.map(self._status, docs))

    def close(self) -> None:
        """Stop the threads."""
        if hasattr(self, "_queries"):
            self._queries.close()
        for each in getattr(self, "_recurring", ()):
            each.close()

    def _add(self, docs: DocList[EncodedDoc]) -> None:
        good = [doc for doc in docs if not doc.error]
        model = model_of(good[0]) if good else None
        if model is None:
            return
        encoded = [encoded_photo(doc) for doc in good if doc.embedding is not None]
        unchanged = [unchanged_photo(doc) for doc in good if doc.embedding is None]
        known = [doc.id for doc in good if doc.known_hash]
        deleted = self._index.store(encoded, unchanged, model, known)
        for doc in good:
            if doc.id in deleted:
                doc.error = DELETED_MEANWHILE

    def _model_of_index(self) -> str:
        model = self._index.model()
        return told_model(model) if model else ""

    def _search(self, doc: EncodedQueryDoc, *, is_last: bool = False) -> ResultDoc:
        if doc.error:
            return ResultDoc(id=doc.id, error=doc.error)
        if not self._meaningless.complete(doc):
            return ResultDoc(id=doc.id, asks_again=True)
        try:
            version = self._version() if doc.packed else ""
            found = replace(self._index.answer(search_of(doc)), version=version)
        except QueryError as error:
            return ResultDoc(id=doc.id, error=str(error))
        except ModelMismatchError:
            if is_last:
                raise
            return ResultDoc(id=doc.id, index_model=self._model_of_index(), asks_again=True)
        result = result_doc(doc, found, told_texts(doc) if doc.packed else "")
        if found.is_of_before:
            result.index_model = self._model_of_index()
        return result

    def _photos(self, doc: WantedDoc) -> PhotosDoc:
        start = time.perf_counter()
        listed: dict[str, Any] = {"can_sort": True, "version": "" if doc.ids else self._version()}
        try:
            if doc.ids:
                photos = self._index.photos(doc.ids, opened=doc.opened)
                total = len(photos)
            else:
                names = ("top_k", "offset", "where", "sort", "after")
                found = self._index.browse(**{name: getattr(doc, name) for name in names})
                photos, total = [hit.stored for hit in found.hits], found.total
                listed["next_after"] = found.next_after
                listed["read"] = found.hits[0].rank - 1 if found.hits else doc.offset
        except QueryError as error:
            return PhotosDoc(id=doc.id, error=str(error))
        told = json.dumps([stored_fields(each) | {"keep": each.keep} for each in photos])
        seconds = time.perf_counter() - start
        return PhotosDoc(id=doc.id, photos=told, total=total, seconds=seconds, **listed)

    def _facets(self, doc: FilterDoc) -> FacetsDoc:
        version = self._version()
        try:
            facets = self._index.facets(doc.where)
        except QueryError as error:
            return FacetsDoc(id=doc.id, error=str(error))
        docs = [
            FacetDoc(name=name, values=[v for v, _ in pairs], counts=[n for _, n in pairs])
            for name, pairs in {**dict.fromkeys(FACETS_BEFORE, ()), **facets.counts}.items()
        ]
        counted = DocList[FacetDoc](docs)
        return FacetsDoc(id=doc.id, total=facets.total, facets=counted, version=version)

    def _version(self) -> str:
        return version_in_time(self._index.version, self._seconds)

    def _blob(self, doc: BlobDoc) -> BlobDoc:
        try:
            if doc.what == "thumbnail":
                data = self._index.thumbnail(doc.photo)
            else:
                data = self._index.original(doc.photo)
        except QueryError as error:
            return BlobDoc(id=doc.id, photo=doc.photo, what=doc.what, error=str(error))
        return BlobDoc(id=doc.id, photo=doc.photo, what=doc.what, data=JsonBytes(data))

    def _delete(self, doc: DeleteDoc) -> CountDoc:
        return CountDoc(id=doc.id, count=self._index.delete(doc.ids, vanished=doc.vanished))

    def _status(self, doc: StatusDoc) -> StatusDoc:
        if doc.only_version:
            doc.version = self._index.version()
            return doc
        doc.location = self._index.location
        try:
            status = self._index.index_status()
        except MissingStoreError as error:  # told, and yet photos may be sent: they make a new one
            doc.problem = str(error)
        else:
            doc.keyword_fields = list(self._index.keyword_fields())
            if status is not None:
                doc.photos, doc.ann = status.photos, status.ann
        return doc

    def _contents(self, doc: HashesDoc) -> list[ContentDoc]:
        return list(
            map(content_doc, self._index.contents(doc.hashes, model_in(doc.index_model)).values())
        )

    def _fingerprints(self, doc: FingerprintsDoc) -> FingerprintsDoc:
        keep = cast(Keep, doc.keeps) if doc.keeps else None
        stored = self._index.fingerprints(doc.most, keep)
        if stored is not None:
            page = stored.page(doc.after)
            doc.data, doc.next_after = JsonBytes(page.data), page.next_after
        return doc

    def _known(self, doc: IdsDoc) -> KnownDoc:
        known = self._index.known(doc.ids)
        stored = {photo_id: photo for photo_id, photo in known.items() if not photo.deleted}
        return KnownDoc(
            id=doc.id,
            ids=list(stored),
            fingerprints=[photo.fingerprint for photo in stored.values()],
            hashes=[photo.content_hash for photo in stored.values()],
            keeps=[photo.keep for photo in stored.values()],
            deleted=list(known.keys() - stored.keys()),
        )


def _refused(doc: EncodedDoc, index_model: str, reason: str) -> OutcomeDoc:
    return OutcomeDoc(
        id=doc.id, uri=doc.uri, outcome="skipped", error=reason, index_model=index_model
    )


def _outcome(doc: EncodedDoc) -> OutcomeDoc:
    if doc.error:
        return OutcomeDoc(id=doc.id, uri=doc.uri, outcome="skipped", error=doc.error)
    outcome = "updated" if doc.embedding is None else "indexed"
    return OutcomeDoc(id=doc.id, uri=doc.uri, outcome=outcome)
