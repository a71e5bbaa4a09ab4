"""Photos in, vectors out: fetching, decoding and the model at the same time."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec

from photoseek.description_limits import checked_in_batch
from photoseek.errors import DescriptionError, ModelError, PhotoError
from photoseek.fetch import PhotoReader, is_remote
from photoseek.helpers.deadlines import in_background
from photoseek.helpers.giving_way import give_way
from photoseek.helpers.machine import processors
from photoseek.indexing.contents import TOGETHER, Contents, StoredContents, of_same_bytes
from photoseek.indexing.model_on_demand import ModelOnDemand
from photoseek.indexing.photo_steps import (
    Copy,
    Found,
    Ready,
    Task,
    copied,
    encoded_photo,
    looked_up,
)
from photoseek.indexing.picture_texts import PictureTexts
from photoseek.indexing.query_texts import KnownTexts, QueryTexts
from photoseek.indexing.results import UnchangedPhoto, unusable
from photoseek.indexing.told_files import told_of, with_sidecar
from photoseek.photos import ImageLimits, Room, SharedMemory, decode, tell
from photoseek.records import (
    UNREAD,
    EncodedPhoto,
    Keep,
    ModelIdentity,
    Photo,
    Pixels,
    Skip,
    Traits,
    Vector,
)

if TYPE_CHECKING:
    from photoseek.helpers.batching import Embeddings
    from photoseek.model import ClipModel

_log = logging.getLogger(__name__)

FETCH_THREADS = 32
"""Photos that are fetched from the web or S3 at the same time."""

READERS = TOGETHER
"""Files read at the same time where an index is asked for each: it is asked for all at once."""

LARGE_THREADS = 4
"""Photos at once that wait for others to give memory back, so that small ones need not."""

P = ParamSpec("P")
_Prepared = Ready | Copy | EncodedPhoto | UnchangedPhoto | Skip
_Begun = Future[_Prepared] | Future[_Prepared | Future[_Prepared]]  # in a thread, or handed on


class _NoRoomError(Exception):
    """Other photos have the memory that this one needs."""


class PhotoEncoder:
    """Turns photos into vectors.

    Safe to call from several threads: while one call is in the model, the photos of the next are
    fetched and decoded. Photos on a network are fetched by threads of their own, many more than can
    decode, because they mostly wait; each holds one photo until it is decoded. All pictures that
    are decoded at once share the memory that one may take: large ones wait in threads of their own.
    """

    def __init__(
        self,
        model: ClipModel | ModelOnDemand,
        reader: PhotoReader,
        limits: ImageLimits,
        *,
        threads: int = 0,
        fetch_threads: int = FETCH_THREADS,
        texts: KnownTexts | None = None,
        picture_texts: PictureTexts | None = None,
        gives_way: bool = False,
    ) -> None:
        """`threads` decode and read files; 0 is one per CPU and two that wait for the disk.

        `texts` may know embeddings that others have made. `picture_texts` reads what is written in
        pictures, while the model works. `gives_way` is for an encoder that answers queries as well:
        all that it does with photos leaves the processors to these.
        """
        self.model = model
        self._reader = reader
        self._limits = limits
        at_once = processors()
        self._gives_way = gives_way
        first = give_way if gives_way else None
        self._pool = ThreadPoolExecutor(threads or at_once + 2, "decode", first)
        self._fetchers = ThreadPoolExecutor(fetch_threads, "fetch", first)
        self._readers = ThreadPoolExecutor(READERS, "read", first)
        self._large = ThreadPoolExecutor(LARGE_THREADS, "large", first)
        self._memory = SharedMemory(limits.memory)
        self._query_pictures = threading.Semaphore(at_once)
        self._texts = QueryTexts(model, texts)
        self._contents = Contents()
        self._picture_texts = picture_texts
        self._is_closed = False

    @property
    def identity(self) -> ModelIdentity:
        """The model that makes the vectors."""
        return self.model.identity

    @property
    def text_identity(self) -> ModelIdentity:
        """The same, and how it reads texts."""
        return self.model.text_identity

    @property
    def reads_text(self) -> bool:
        """Whether it reads what is written in pictures."""
        return self._picture_texts is not None

    def load(self, *, for_texts: bool = False) -> None:
        """Load now what would be loaded when it is first needed, as `ModelOnDemand.load` does."""
        if isinstance(self.model, ModelOnDemand):
            self.model.load(for_texts=for_texts, gives_way=self._gives_way)

    def encode(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
        stored: StoredContents | None = None,
    ) -> list[EncodedPhoto | UnchangedPhoto | Skip]:
        """One answer per photo, in order; a photo that cannot be used becomes a Skip.

        `known_hashes` holds the content hash in the index of each, or "", behind `UNREAD` where
        nothing is to be read and `KEPT_OTHERWISE` where it does not count, and `keeps` what is to
        be kept: by default thumbnails. Of several photos with one id the first counts. Of several
        with the same bytes one is encoded, and none where `stored` has them under whatever id.
        """
        keeps = keeps or ["thumbnail"] * len(photos)
        seen: set[str] = set()
        begun: list[_Begun | UnchangedPhoto | Skip] = []
        with self._contents.turn() as turn:
            for photo, known_hash, keep in zip(photos, known_hashes, keeps, strict=True):
                try:
                    checked = checked_in_batch(photo, seen)
                    task = Task(checked, known_hash, keep, turn, stored, len(photos))
                    begun.append(self._begin(task))
                except DescriptionError as error:
                    begun.append(Skip(photo.uri, f"The photo is left out: {error}."))
            prepared = [_settled(each) if isinstance(each, Future) else each for each in begun]
            ready = [item for item in prepared if isinstance(item, Ready)]
            vectors = iter(self._embedded([each.decoded.pixels for each in ready]) if ready else ())
            encoded = [
                turn.give(encoded_photo(item, next(vectors))) if isinstance(item, Ready) else item
                for item in prepared
            ]
        return [copied(item) if isinstance(item, Copy) else item for item in encoded]

    def _embedded(self, pixels: Sequence[Pixels]) -> Embeddings:
        """The vectors of photos. The threads of a runtime are as urgent as the one that asks it for
        the first time.
        """
        if not self._gives_way:
            return self.model.encode_images(pixels)
        embed = functools.partial(self.model.encode_images, pixels)
        return in_background(embed, "tower", gives_way=True).result()

    def _begin(self, task: Task) -> _Begun | UnchangedPhoto:
        if task.known_hash.startswith(UNREAD):
            return UnchangedPhoto(task.photo, task.known_hash.removeprefix(UNREAD))
        if is_remote(task.photo.uri):
            return self._fetchers.submit(self._fetch, task)
        if task.stored:
            return self._readers.submit(self._fetch, task)
        return self._pool.submit(self._read, task)

    def encode_text(self, text: str) -> Vector:
        """The vector of a query text; it is shared, so it cannot be written to."""
        return self._texts.vector(text)

    def encode_meaningless(self) -> Embeddings:
        """The vectors of texts that mean nothing, shape (n, dimensions)."""
        return self._texts.meaningless()

    def encode_picture(self, data: bytes) -> Vector:
        """The vector of a query picture.

        Raises:
            PhotoError: the picture cannot be used.
        """
        shape = self.model.input_shape
        decoded = decode(data, shape, self._limits, thumbnail=False, room=self._turn_of_query)
        vector: Vector = self.model.encode_images([decoded.pixels])[0]
        return vector

    def tell(self, photo: Photo) -> Traits:
        """What the file and the side-car of a photo say of it. Raises PhotoError."""
        data, sidecar = self._reader.read(photo.uri), with_sidecar(photo, self._reader)[1]
        return tell(data, self._limits, sidecar, room=self._memory.room)

    def close(self) -> None:
        """Stop the threads and close connections."""
        self._is_closed = True
        for pool in (self._fetchers, self._readers, self._pool, self._large):
            pool.shutdown(wait=False, cancel_futures=True)
        if self._picture_texts is not None:
            self._picture_texts.close()
        self._reader.close()

    def _fetch(self, task: Task) -> _Prepared:
        """In a thread that fetches or reads, which keeps the photo until it is decoded."""
        return self._guarded(task.photo, self._fetch_and_prepare, task)

    def _fetch_and_prepare(self, task: Task) -> _Prepared:
        data = self._reader.read(task.photo.uri)
        prepare = functools.partial(self._prepare, task, data, looked_up(task, data))
        try:
            return self._pool.submit(prepare, self._at_once).result()
        except _NoRoomError:
            return self._large.submit(prepare, self._memory.room).result()

    def _read(self, task: Task) -> _Prepared | Future[_Prepared]:
        """In a decoding thread. A photo that finds no room is read again when there is some."""
        try:
            return self._guarded(task.photo, self._read_and_prepare, task, False)
        except _NoRoomError:
            work = self._read_and_prepare
            return self._large.submit(self._guarded, task.photo, work, task, True)

    def _read_and_prepare(self, task: Task, waits: bool) -> _Prepared:
        data = self._reader.read(task.photo.uri)
        room = self._memory.room if waits else self._at_once
        return self._prepare(task, data, looked_up(task, data), room)

    def _prepare(self, task: Task, data: bytes, found: Found, room: Room) -> _Prepared:
        photo, sidecar = with_sidecar(task.photo, self._reader)
        told = functools.partial(told_of, data, sidecar, self._limits, room)
        if found.hash == task.known_hash:
            return UnchangedPhoto(photo, found.hash, told())
        keep = task.keep
        original = data if keep == "original" else b""
        if found.like is not None:
            return Copy(photo, keep, original, found.like, told())
        if found.there is not None:
            return task.turn.give(of_same_bytes(found.there, photo, keep, original, told()))
        shape, shows = self.model.input_shape, keep != "none"
        try:
            decoded = decode(data, shape, self._limits, thumbnail=shows, room=room, sidecar=sidecar)
        except _NoRoomError:
            raise
        except Exception as error:
            task.turn.fail(found.hash, keep, error)
            raise
        reading = self._picture_texts
        text = reading.begin(data, self._memory.room) if reading else None
        return Ready(photo, found.hash, decoded, keep, original, text)

    def _guarded(
        self, photo: Photo, work: Callable[P, _Prepared], /, *args: P.args, **kwargs: P.kwargs
    ) -> _Prepared:
        """What the work gives; whatever goes wrong with one photo is that photo's alone."""
        try:
            return work(*args, **kwargs)
        except (_NoRoomError, ModelError):  # what cannot be loaded is no fault of a photo
            raise
        except Exception as error:
            if self._is_closed:  # nor is it that connections and threads were stopped
                raise CancelledError from error
            if isinstance(error, PhotoError):
                return Skip(photo.uri, str(error))
            _log.exception("%s failed in an unknown way", photo.uri)
            return unusable(photo, error)

    @contextmanager
    def _at_once(self, size: int) -> Iterator[None]:
        """Room for a picture, or _NoRoomError where it would have to wait."""
        if not self._memory.is_free(size):
            raise _NoRoomError
        with self._memory.room(size):
            yield

    @contextmanager
    def _turn_of_query(self, size: int) -> Iterator[None]:
        with self._memory.room(size), self._query_pictures:
            yield


def _settled(future: _Begun) -> _Prepared:
    prepared = future.result()
    return prepared.result() if isinstance(prepared, Future) else prepared
