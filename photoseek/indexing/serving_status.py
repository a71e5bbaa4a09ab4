"""What is served, put together from an index and the encoder that may be loaded."""

from __future__ import annotations

from collections.abc import Sequence

from photoseek.indexing.default_model import default_model
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.records import IndexStatus, Status
from photoseek.settings import EncoderSettings


def status_of(
    location: str,
    settings: EncoderSettings,
    index: IndexStatus | None,
    encoder: PhotoEncoder | None,
    keyword_fields: Sequence[str],
) -> Status:
    """What an index holds and the model that searches it; either may not be there yet.

    `keyword_fields` are those that a new index will have.
    """
    is_loaded = encoder is not None and encoder.model.precision != ""
    model = encoder.identity if encoder and is_loaded else index and index.model
    return Status(
        location=location,
        photos=index.photos if index else 0,
        ann=bool(index and index.ann),
        model=model.name if model else settings.model or default_model(),
        dimensions=model.dimensions if model else 0,
        precision=encoder.model.precision if encoder else "",
        device=str(encoder.model.device) if encoder else "",
        fingerprint=model.fingerprint if model else "",
        keyword_fields=index.keyword_fields if index else tuple(keyword_fields),
        reads_text=settings.ocr,
    )
