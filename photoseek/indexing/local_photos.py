"""What reads and encodes photos for somebody who has this machine's files anyway."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TypeVar

from photoseek.errors import PhotoError, QueryError
from photoseek.identity import folder_of, is_mistaken
from photoseek.indexing.building import build_encoder, reader_of
from photoseek.indexing.default_model import default_model
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.photos import check_start
from photoseek.records import ModelIdentity
from photoseek.settings import FetchSettings, LibrarySettings
from photoseek.store import mistaken_vectors, other_model, peek_model

T = TypeVar("T", bound=LibrarySettings)


def with_model_of_index(settings: T) -> tuple[T, ModelIdentity | None]:
    """Settings with the model to use, and the model that the index was made with, if it is there.

    They are the same, or for a new index the first is what the settings name. A folder that the
    settings name may hold the model of the index, which shows when it is loaded.

    Raises:
        ModelMismatchError: the settings name another model than that of the index, or an older
            photoseek made the index with wrong vectors.
    """
    index, wanted = settings.index, settings.model
    made_with = peek_model(index, settings)
    in_folder = wanted is not None and folder_of(wanted) is not None
    if made_with and wanted and wanted != made_with.name and not in_folder:
        raise other_model(index, made_with.name, wanted)
    if made_with and is_mistaken(made_with):
        raise mistaken_vectors(index, made_with)
    name = made_with.name if made_with and not in_folder else wanted or default_model()
    return settings.model_copy(update={"model": name}), made_with


def encoder_of_index(settings: LibrarySettings) -> PhotoEncoder:
    """The encoder with the model of the index, or for a new index with the one that is wanted.

    Raises:
        ModelMismatchError: the settings name another model than the index.
        ModelError: the model cannot be loaded.
    """
    chosen, made_with = with_model_of_index(settings)
    return build_encoder(chosen, roots=settings.local_roots, on_demand=True, index=made_with)


def read_original(uri: str, settings: FetchSettings, *, roots: Sequence[str] | None) -> bytes:
    """The bytes of a photo from where it lies, which must be below `roots`; None is any place.

    Raises:
        QueryError: they cannot be had, or are those of no picture.
    """
    with closing(reader_of(settings, roots=roots)) as reader:
        try:
            data = reader.read(uri)
            check_start(data)
        except PhotoError as error:
            raise QueryError(f"The photo {uri} cannot be read: {error}") from error
    return data
