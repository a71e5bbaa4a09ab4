"""What to print beside a photo, so that its licence is honoured."""

from __future__ import annotations

from photoseek.records import Photo


def attribution(photographer: str, licence: str, source_url: str) -> str:
    """See `Photo.attribution`."""
    named = Photo("", "", photographer=photographer, licence=licence, source_url=source_url)
    return named.attribution
