"""Photos of an index encoded once more, with another model."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

from photoseek.errors import AwayPhotoError, PhotoseekError
from photoseek.indexing.picture_source import PictureSource
from photoseek.indexing.suspects import Suspects
from photoseek.photos import InputShape, SharedMemory, decode
from photoseek.records import EncodedPhoto, ModelIdentity, Pixels, Skip, Vector
from photoseek.store import PhotoStore
from photoseek.store.record_json import stored_of

if TYPE_CHECKING:
    from photoseek.helpers.batching import Embeddings

BATCH = 32


class PictureEncoder(Protocol):
    """What is needed of a model: `photoseek.model.ClipModel`, or a part of it."""

    @property
    def identity(self) -> ModelIdentity:
        """The model that makes the vectors."""
        ...

    @property
    def input_shape(self) -> InputShape:
        """What its pictures look like."""
        ...

    def encode_images(self, batch: Sequence[Pixels]) -> Embeddings:
        """Unit vectors of pictures, shape (len(batch), dimensions)."""
        ...


@dataclass(frozen=True, slots=True)
class NewVectors:
    """Photos with their vectors; `rough` are the ids of those whose thumbnails were encoded.

    Those `away` cannot be read now, and may be later.
    """

    photos: tuple[EncodedPhoto, ...]
    rough: frozenset[str]
    unreadable: tuple[Skip, ...]
    away: tuple[Skip, ...] = ()


@dataclass(frozen=True, slots=True)
class _Picture:
    pixels: Pixels
    is_rough: bool


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str
    is_away: bool = False


_Begun: TypeAlias = dict[str, Future[_Picture | _Failure]]


class VectorMaker:
    """Reads the photos of an index, from the best of what there is of each, and encodes them.

    For one thread, which has those of a pool read ahead.
    """

    def __init__(
        self,
        store: PhotoStore,
        pictures: PictureSource,
        model: PictureEncoder,
        pool: ThreadPoolExecutor,
        suspects: Suspects,
    ) -> None:
        """Of a photo that `suspects` leave out, the thumbnail is encoded."""
        self._suspects = suspects
        self._store = store
        self._pictures = pictures
        self._model = model
        self._pool = pool
        self._memory = SharedMemory(pictures.limits.memory)

    def made(
        self, photos: Sequence[EncodedPhoto], *, thumbnail_meanwhile: bool = True
    ) -> Generator[NewVectors]:
        """The photos as they are, with new vectors: some at a time, all in the end.

        Of those with the same bytes one is read. `thumbnail_meanwhile` as `PictureSource.picture`
        takes it.
        """
        begun: deque[_Begun] = deque()
        batches = self._batches(photos)
        try:
            for number, batch in enumerate(batches):
                if not begun:
                    begun.append(self._begin(batch, thumbnail_meanwhile))
                for later in batches[number + 1 : number + 2]:
                    if not (self._is_alone(batch) or self._is_alone(later)):
                        begun.append(self._begin(later, thumbnail_meanwhile))
                made = self._encoded(batch, begun.popleft())
                self._suspects.done(each.photo for each in batch)
                yield made
        finally:  # nobody died, also where it is stopped
            self._suspects.done(each.photo for each in photos)

    def _batches(self, photos: Sequence[EncodedPhoto]) -> list[Sequence[EncodedPhoto]]:
        """The photos some at a time, and each alone that somebody may have died of."""
        alone = [[photo] for photo in photos if self._suspects.is_suspect(photo.photo)]
        rest = [photo for photo in photos if not self._suspects.is_suspect(photo.photo)]
        return [*alone, *(rest[start : start + BATCH] for start in range(0, len(rest), BATCH))]

    def _is_alone(self, batch: Sequence[EncodedPhoto]) -> bool:
        return len(batch) == 1 and self._suspects.is_suspect(batch[0].photo)

    def _begin(self, photos: Sequence[EncodedPhoto], thumbnail_meanwhile: bool) -> _Begun:
        self._suspects.sending(
            [each.photo for each in photos if not self._suspects.why_left_out(each.photo)]
        )
        first = {photo.content_hash: photo for photo in reversed(photos)}
        return {
            key: self._pool.submit(self._read, photo, thumbnail_meanwhile)
            for key, photo in first.items()
        }

    def _encoded(self, photos: Sequence[EncodedPhoto], begun: _Begun) -> NewVectors:
        read = {key: future.result() for key, future in begun.items()}
        pictures = {key: each for key, each in read.items() if isinstance(each, _Picture)}
        pixels = [each.pixels for each in pictures.values()]
        vectors = self._model.encode_images(pixels) if pixels else ()
        found: dict[str, Vector] = dict(zip(pictures, vectors, strict=True))
        return NewVectors(
            tuple(
                replace(photo, vector=found[photo.content_hash])
                for photo in photos
                if photo.content_hash in found
            ),
            frozenset(
                photo.photo.id
                for photo in photos
                if photo.content_hash in found and pictures[photo.content_hash].is_rough
            ),
            _failed(photos, read, is_away=False),
            _failed(photos, read, is_away=True),
        )

    def _read(self, photo: EncodedPhoto, thumbnail_meanwhile: bool) -> _Picture | _Failure:
        """In a thread. Whatever goes wrong with one photo is that photo's alone."""
        stored = replace(stored_of(photo), keep=photo.keep)
        limits, shape = self._pictures.limits, self._model.input_shape
        try:
            why_not = self._suspects.why_left_out(photo.photo)
            data, why_rough = self._pictures.picture(
                self._store, stored, why_not, thumbnail_meanwhile=thumbnail_meanwhile
            )
            room = self._memory.room
            pixels = decode(data, shape, limits, thumbnail=False, room=room).pixels
            return _Picture(pixels, bool(why_rough))
        except AwayPhotoError as error:
            return _Failure(str(error), is_away=not thumbnail_meanwhile)
        except PhotoseekError as error:
            return _Failure(str(error))
        except Exception as error:
            return _Failure(f"It cannot be encoded ({type(error).__name__}: {error}).")


def _failed(
    photos: Sequence[EncodedPhoto], read: Mapping[str, _Picture | _Failure], *, is_away: bool
) -> tuple[Skip, ...]:
    """Those of the photos that were not read, and are away or not."""
    return tuple(
        Skip(photo.photo.uri, each.reason, photo.photo.id)
        for photo in photos
        if isinstance(each := read[photo.content_hash], _Failure) and each.is_away == is_away
    )
