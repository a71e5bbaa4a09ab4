"""Encoders and readers, as the settings ask for them."""

from __future__ import annotations

from collections.abc import Sequence

from photoseek.fetch import PhotoReader
from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.picture_texts import picture_texts_of
from photoseek.indexing.query_texts import KnownTexts
from photoseek.photos import ImageLimits
from photoseek.records import ModelIdentity
from photoseek.settings import EncoderSettings, FetchSettings


def reader_of(settings: FetchSettings, *, roots: Sequence[str] | None) -> PhotoReader:
    """What reads photos as the settings say, below `roots`; None is any place."""
    return PhotoReader(
        max_megabytes=settings.max_megabytes,
        allow_private_addresses=settings.allow_private_addresses,
        roots=roots,
        timeout_seconds=settings.fetch_seconds,
        user_agent=settings.user_agent,
    )


def build_encoder(
    settings: EncoderSettings,
    *,
    roots: Sequence[str] | None,
    on_demand: bool = False,
    index: ModelIdentity | None = None,
    texts: KnownTexts | None = None,
    gives_way: bool = False,
) -> PhotoEncoder:
    """The encoder that the settings ask for; photos are read below `roots`, None is any.

    Its model is loaded as `model_of` does it. It `gives_way` to queries if that is said.

    Raises:
        ModelError: it cannot be loaded at once.
        MissingPackageError: text is to be read, and the extra `ocr` is not installed.
    """
    reader = reader_of(settings, roots=roots)
    limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
    return PhotoEncoder(
        model_of(settings, on_demand=on_demand, index=index, gives_way=gives_way),
        reader,
        limits,
        threads=settings.decode_threads,
        fetch_threads=settings.fetch_threads,
        texts=texts,
        picture_texts=picture_texts_of(settings, limits, gives_way=gives_way),
        gives_way=gives_way,
    )
