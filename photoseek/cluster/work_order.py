"""What an encoder on another machine has to know, and what it gives back."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal

from photoseek.helpers.uri import is_s3
from photoseek.indexing.contents import AskContents
from photoseek.indexing.local_photos import with_model_of_index
from photoseek.indexing.results import UnchangedPhoto
from photoseek.records import EncodedPhoto, Keep, ModelIdentity, Outcome, Photo
from photoseek.settings import SECRETS, LibrarySettings
from photoseek.store import is_in_engine

Writes = Literal["nothing", "blobs", "rows"]
"""What workers write themselves; the rest comes back to the process that began the run."""

AWS_ACCESS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
)
"""Variables that say who may use S3, and where it is."""

_ENGINE_SECRETS = ("engine_api_key", "engine_password")


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What a worker needs for one run, and no more: it travels to other machines.

    `roots` are where photos may be read from, and `made_with` is the model of the index, where
    there is one. `access` are environment variables for S3. `asks` says what the index has of the
    bytes of photos, where it has any.
    """

    settings: LibrarySettings
    roots: tuple[str, ...] | None
    made_with: ModelIdentity | None
    writes: Writes
    access: Mapping[str, str] = field(repr=False)
    asks: AskContents | None = None


@dataclass(frozen=True, slots=True)
class Partition:
    """Photos that go to one worker together, with what `index_batch` is told of each."""

    photos: tuple[Photo, ...]
    known_hashes: tuple[str, ...]
    keeps: tuple[Keep, ...]

    def __len__(self) -> int:
        return len(self.photos)

    def part(self, start: int, end: int) -> Partition:
        """Some of them."""
        return self._of(range(len(self))[start:end])

    def without(self, ids: Set[str]) -> Partition:
        """All but the photos with these ids."""
        if not ids:
            return self
        return self._of([at for at, photo in enumerate(self.photos) if photo.id not in ids])

    @property
    def known_ids(self) -> list[str]:
        """The ids of those photos that the index had when they were sent."""
        sent = zip(self.photos, self.known_hashes, strict=True)
        return [photo.id for photo, known in sent if known]

    def _of(self, places: Sequence[int]) -> Partition:
        return Partition(
            tuple(self.photos[at] for at in places),
            tuple(self.known_hashes[at] for at in places),
            tuple(self.keeps[at] for at in places),
        )


@dataclass(frozen=True, slots=True)
class Encoded:
    """What became of a partition's photos, and what of it is still to be stored."""

    outcomes: Sequence[Outcome]
    photos: Sequence[EncodedPhoto]
    unchanged: Sequence[UnchangedPhoto]
    model: ModelIdentity


def order_for(settings: LibrarySettings) -> WorkOrder:
    """What workers need to encode photos for the index of the settings.

    Raises:
        ModelMismatchError: the settings name another model than the index.
        StoreError: the index cannot be read.
    """
    writes = written_by_workers(settings)
    kept = _ENGINE_SECRETS if writes == "rows" else ()
    chosen, made_with = with_model_of_index(settings)
    return WorkOrder(
        chosen.model_copy(update={name: None for name in SECRETS if name not in kept}),
        settings.local_roots,
        made_with,
        writes,
        {name: os.environ[name] for name in AWS_ACCESS if os.environ.get(name)},
    )


def written_by_workers(settings: LibrarySettings) -> Writes:
    """What workers can write themselves: what lies in a folder is written by one process alone."""
    if is_in_engine(settings.index):
        return "rows" if settings.blobs and is_s3(settings.blobs) else "nothing"
    return "blobs" if is_s3(settings.index) else "nothing"
