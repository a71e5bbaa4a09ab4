"""The product as an object: an index of photos and the model that searches it."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from typing_extensions import override

from photoseek.errors import IndexSwitchedError, MissingStoreError
from photoseek.files.links import Links
from photoseek.indexing.adding import add_photo
from photoseek.indexing.encoder_in_use import encoder_in_use
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.keywords import begin_keywords
from photoseek.indexing.local_photos import encoder_of_index, read_original
from photoseek.indexing.results import Encoded, outcome_of, to_be_stored, without_deleted
from photoseek.indexing.run_tally import IndexProgress
from photoseek.indexing.serving_status import status_of
from photoseek.indexing.source_run import index_source
from photoseek.indexing.suspects import Suspects
from photoseek.indexing.text_run import WantedTexts, read_index
from photoseek.indexing.text_tally import TextProgress, TextTally
from photoseek.indexing.uploads import HandedIn
from photoseek.ocr import TextReader
from photoseek.photo_queries import PhotoQueries
from photoseek.photos import content_type
from photoseek.records import (
    IndexReport,
    Keep,
    Outcome,
    Photo,
    Status,
    StoredPhoto,
    TextReport,
)
from photoseek.settings import LibrarySettings, load_settings
from photoseek.sources import Source
from photoseek.store import Where
from photoseek.store.lazy import LazyStore

MOST_SWITCHES = 4
"""How often an index may be switched to another model while one batch is encoded for it."""


class PhotoSearch(PhotoQueries):
    """An index of photos and the model that searches it, in this process.

    Needs neither Jina nor a server. Opening it touches nothing: the index is opened when it is
    first needed, and the model is loaded by the first photo or query that has to become a vector.
    What PhotoIndex says of threads, processes and errors holds here too; ModelError is raised
    where the model cannot be loaded.
    """

    def __init__(
        self,
        settings: LibrarySettings,
        *,
        store: LazyStore | None = None,
        load_encoder: Callable[[LibrarySettings], PhotoEncoder] = encoder_of_index,
    ) -> None:
        """`store` and `load_encoder` take the place of what the settings ask for."""
        links = Links(settings.link_seconds, settings.readable_roots, type_of=content_type)
        store = store or LazyStore(settings.index, settings)
        super().__init__(store, links, settings.state, settings.keyword_fields)
        self.settings = settings
        # A model that the index gets later on is that of the index, whatever they name.
        by_index_alone = settings.model_copy(update={"model": None})
        self._encoders = encoder_in_use(
            store, lambda by_index: load_encoder(by_index_alone if by_index else settings)
        )

    @classmethod
    def open(
        cls,
        location: str | Path = "data/index",
        *,
        model: str | None = None,
        settings: LibrarySettings | None = None,
    ) -> PhotoSearch:
        """The index in a folder, a bucket or an engine, which need not be there yet.

        Args:
            location: where the index is.
            model: the name of an OpenCLIP model, or "demo"; by default the one that the index was
                made with, and what suits this machine's memory for a new index.
            settings: all others; by default those of the environment and `.env`.
        """
        given = {"index": str(location)} | ({"model": model} if model else {})
        return cls((settings or load_settings()).model_copy(update=given))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the threads of the model; every method raises StoreError afterwards."""
        self._store.close()
        self._links.close()
        self._encoders.close()

    def load(self, *, for_texts: bool = False) -> None:
        """Open the index and load the model now; `for_texts` is done with what answers texts."""
        self.index_status()
        begin_keywords(self, self.settings)
        self._encoders.for_queries().load(for_texts=for_texts)

    def index(
        self,
        source: str | Path | Source,
        *,
        limit: int | None = None,
        keep: Keep | None = None,
        again: bool | Set[str] = False,
        refresh: bool = False,
        prune: bool = False,
        on_progress: Callable[[IndexProgress], None] = lambda _: None,
    ) -> IndexReport:
        """Bring the index up to date with a folder, a bucket, a manifest or a search of photos.

        What is unchanged or was deleted on purpose stays as it is; what `add` got is taken along.

        Args:
            source: such as "~/Pictures", "s3://bucket/photos" or "photos.csv".
            limit: how many entries are looked at.
            keep: what is kept of pixels; by default what is already, and a new photo's thumbnail.
            again: which of the deleted photos are wanted again: True is all, or some ids.
            refresh: whether files of unchanged photos are asked again for what they say.
            prune: whether photos that have vanished from the source are taken out.
            on_progress: hears what was done so far, from this thread.

        Raises:
            SourceError: the source cannot be used at all.
        """
        return index_source(
            str(source) if isinstance(source, Path) else source,
            self,
            self.settings,
            limit=limit,
            keep=keep,
            again=again,
            refresh=refresh,
            prunes=prune,
            on_progress=on_progress,
        )

    def index_batch(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
    ) -> list[Outcome]:
        """Index one batch in one commit; one outcome per photo, in order.

        `known_hashes` holds, for each photo, the content hash in the index, or "", and `keeps`
        what is to be kept of it: by default thumbnails.
        """
        for _ in range(MOST_SWITCHES):
            with suppress(IndexSwitchedError):  # meanwhile: these are encoded by its model
                results = self._store_batch(photos, known_hashes, keeps)
                break
        else:
            results = self._store_batch(photos, known_hashes, keeps)
        return [outcome_of(photo, result) for photo, result in zip(photos, results, strict=True)]

    def add(
        self,
        picture: bytes | Path,
        *,
        caption: str = "",
        tags: Sequence[str] = (),
        photographer: str = "",
        licence: str = "",
        source_url: str = "",
    ) -> StoredPhoto:
        """Keep a photo with the others that were handed in, and index it.

        Raises:
            DuplicatePhotoError: the index has it already; the error says its id.
            PhotoError: it is no photo that can be used.
            StorageError: it cannot be kept, or uploads are off.
        """
        given = Photo("", "", "", caption, tuple(tags), photographer, licence, source_url)
        return add_photo(self, self.settings, picture, given)

    @override
    def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        count = super().delete(ids, vanished=vanished)
        if not vanished and (handed_in := HandedIn.of(self.settings)):
            handed_in.note_deleted_if_possible(ids)
        return count

    @override
    def original(self, photo_id: str) -> bytes:
        """The bytes of a photo, as the index keeps them or from where the photo lies.

        Raises:
            QueryError: there is none of that id, or its bytes are not there any more.
        """
        stored = self.photo(photo_id)
        if stored.keep == "original":
            return super().original(photo_id)
        return read_original(stored.photo.uri, self.settings, roots=self.settings.local_roots)

    def read_texts(
        self,
        *,
        where: Where = (),
        limit: int | None = None,
        again: bool = False,
        reader: TextReader | None = None,
        on_progress: Callable[[TextProgress], None] = lambda _: None,
        suspects: Suspects | None = None,
    ) -> TextReport:
        """Read the text in those pictures of the index where nobody has tried; no model is needed.

        `reader` is by default that of the extra `ocr`, and `suspects` are those of the index. The
        rest is as in `photoseek.indexing.text_run.WantedTexts`.

        Raises:
            MissingPackageError: the extra `ocr` is not installed.
        """
        wanted, tally = WantedTexts(self.checked(where), limit, again), TextTally()
        told = on_progress, suspects, tally
        return self._store.use(
            lambda store: read_index(store, self.settings, wanted, reader, *told)
        )

    def status(self) -> Status:
        """What the index holds, and the model that searches it."""
        problem = ""
        try:
            index = self.index_status()
        except MissingStoreError as error:  # told, and yet photos may be added: they make it again
            index, problem = None, str(error)
        encoder, fields = self._encoders.encoder, self._keyword_fields or ()
        told = status_of(self.location, self.settings, index, encoder, fields)
        return replace(told, problem=problem)

    def _store_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep] | None
    ) -> list[Encoded]:
        edition = self._encoders.for_photos()
        encoder = edition.encoder
        results = encoder.encode(photos, known_hashes, keeps, edition.contents)
        encoded, unchanged = to_be_stored(results)
        if encoded or unchanged:
            is_loaded = encoder.model.precision != ""  # else nothing was encoded
            model = None if is_loaded else edition.made_for or self._store.model()
            sent = zip(photos, known_hashes, strict=True)
            known = [photo.id for photo, known_hash in sent if known_hash]
            deleted = self.store(encoded, unchanged, model or encoder.identity, known)
            results = without_deleted(results, deleted)
        return results
