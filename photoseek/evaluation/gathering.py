"""Photos with their vectors and captions, for an evaluation: from a source, or out of an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from photoseek.errors import PhotoError, QueryError
from photoseek.evaluation.copies import Looks
from photoseek.evaluation.rankings import Matrix
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.records import EncodedPhoto, Photo, Skip, StoredPhoto
from photoseek.store import PhotoStore
from photoseek.store.record_json import stored_of

AT_ONCE = 1_000
"""Photos of an index in memory with all that is known of them."""

NO_CAPTION = "It has no caption."

Progress = Callable[[int, int], None]
"""Hears how many photos are dealt with, and how many of them were left out."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A photo that may be found: its id, its place, its caption, and what copies are told by."""

    id: str
    uri: str
    caption: str
    looks: Looks

    @classmethod
    def of(cls, stored: StoredPhoto) -> Candidate:
        """What an evaluation needs of a photo."""
        ratio = stored.width / stored.height if stored.width and stored.height else 1.0
        looks = Looks(stored.content_hash, stored.traits.phash, ratio)
        return cls(stored.photo.id, stored.photo.uri, stored.described.caption, looks)


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Photos and their unit vectors, in step, what was left out, and how many photos of an index
    were left out as they have no caption.
    """

    photos: list[Candidate]
    vectors: Matrix
    skipped: list[Skip] = field(default_factory=list)
    uncaptioned: int = 0

    def chosen(self, places: Sequence[int]) -> Gathered:
        """Some of the photos, in that order."""
        return Gathered([self.photos[place] for place in places], self.vectors[list(places)])


def gathered(
    source: Iterable[Photo | Skip],
    encoder: PhotoEncoder,
    *,
    captioned: bool,
    batch_size: int = 32,
    on_progress: Progress = lambda _done, _skipped: None,
) -> Gathered:
    """Encode the photos of a source, or only those with a caption.

    Where the source has no caption of a photo, its file may have one.
    """
    found: list[Candidate] = []
    vectors: list[Matrix] = []
    skipped: list[Skip] = []
    entries = _with_captions(source, encoder, skipped) if captioned else source
    while batch := list(islice(entries := iter(entries), batch_size)):
        photos = [entry for entry in batch if isinstance(entry, Photo)]
        skipped += [entry for entry in batch if isinstance(entry, Skip)]
        for outcome in encoder.encode(photos, [""] * len(photos)):
            if isinstance(outcome, EncodedPhoto):
                found.append(Candidate.of(stored_of(outcome)))
                vectors.append(outcome.vector)
            elif isinstance(outcome, Skip):
                skipped.append(outcome)
        on_progress(len(found) + len(skipped), len(skipped))
    return Gathered(found, _matrix(vectors, encoder.identity.dimensions), skipped)


def _with_captions(
    source: Iterable[Photo | Skip], encoder: PhotoEncoder, skipped: list[Skip]
) -> Iterator[Photo | Skip]:
    for entry in source:
        if isinstance(entry, Skip) or entry.caption:
            yield entry
            continue
        try:
            told = StoredPhoto(entry, "", 0, 0, encoder.tell(entry)).described.caption
        except PhotoError as error:
            skipped.append(Skip(entry.uri, str(error)))
            continue
        if told:
            yield replace(entry, caption=told)
        else:
            skipped.append(Skip(entry.uri, NO_CAPTION))


def stored_photos(
    store: PhotoStore,
    *,
    captioned: bool,
    limit: int | None = None,
    on_progress: Progress = lambda _done, _skipped: None,
) -> Gathered:
    """The photos of an index with the vectors that it has, or only those with a caption.

    No photo is opened. `limit` is how many are looked at.
    """
    found: list[Candidate] = []
    parts: list[Matrix] = []
    seen: set[str] = set()
    without = 0
    for ids in _pages(store, limit):
        new = [photo_id for photo_id in ids if photo_id not in seen]
        seen.update(new)
        candidates = {key: Candidate.of(stored) for key, stored in store.get(new).items()}
        wanted = {key: one for key, one in candidates.items() if one.caption or not captioned}
        without += len(candidates) - len(wanted)
        vectors = store.vectors(wanted)  # of one that is deleted meanwhile there is none
        found += [wanted[key] for key in vectors]
        parts.append(_matrix(list(vectors.values()), store.model.dimensions))
        on_progress(len(found) + without, without)
    empty = np.empty((0, store.model.dimensions), np.float32)
    return Gathered(found, _unit(np.concatenate([empty, *parts])), uncaptioned=without)


def photos_of_index(store: PhotoStore, limit: int | None = None) -> Iterator[Photo]:
    """The photos of an index as a source lists them, described as the index knows them."""
    for ids in _pages(store, limit):
        yield from (stored.described for stored in store.get(ids).values())


def _pages(store: PhotoStore, limit: int | None) -> Iterator[list[str]]:
    ids = islice((photo_id for page in store.ids() for photo_id in page), limit)
    while some := list(islice(ids, AT_ONCE)):
        yield some


def _matrix(vectors: Sequence[Matrix], dimensions: int) -> Matrix:
    return np.array(vectors, np.float32).reshape(len(vectors), dimensions)


def _unit(vectors: Matrix) -> Matrix:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not lengths.all():
        raise QueryError("The index holds a vector that is all zeros; index that photo again.")
    vectors /= lengths
    return vectors


def common(first: Gathered, second: Gathered) -> tuple[Gathered, Gathered]:
    """The photos that both have, by their bytes, each once and in the same order."""
    places = _by_bytes(second)
    ours = {key: place for key, place in _by_bytes(first).items() if key in places}
    return first.chosen(list(ours.values())), second.chosen([places[key] for key in ours])


def _by_bytes(gathered_: Gathered) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, photo in enumerate(gathered_.photos):
        found.setdefault(photo.looks.content_hash, place)
    return found
