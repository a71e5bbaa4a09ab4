"""What reads and encodes photos for somebody who has this machine's files anyway."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from photoseek.errors import PhotoError, QueryError
from photoseek.identity import is_mistaken
from photoseek.indexing.building import build_encoder, reader_of
from photoseek.indexing.default_model import default_model
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.photos import check_start
from photoseek.settings import FetchSettings, Settings
from photoseek.store import mistaken_vectors, other_model, peek_model


def local_roots(settings: Settings) -> tuple[str, ...] | None:
    """Where photos may be read from: anywhere, unless the settings name places."""
    return None if settings.photo_roots is None else settings.readable_roots


def model_of_index(index: str, wanted: str | None = None) -> str:
    """The model to use: the one that the index was made with, or for a new one what is wanted.

    Raises:
        ModelMismatchError: another model is wanted than that of the index, or an older photoseek
            made the index with wrong vectors.
    """
    made_with = peek_model(index)
    if made_with is None:
        return wanted or default_model()
    if wanted and wanted != made_with.name:
        raise other_model(index, made_with.name, wanted)
    if is_mistaken(made_with):
        raise mistaken_vectors(index, made_with)
    return made_with.name


def encoder_of_index(settings: Settings) -> PhotoEncoder:
    """The encoder with the model of the index, or for a new index with the one that is wanted.

    Raises:
        ModelMismatchError: the settings name another model than the index.
        ModelError: the model cannot be loaded.
    """
    model = model_of_index(settings.index, settings.model)
    chosen = settings.model_copy(update={"model": model})
    made_with = peek_model(settings.index)
    return build_encoder(chosen, roots=local_roots(settings), on_demand=True, index=made_with)


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
