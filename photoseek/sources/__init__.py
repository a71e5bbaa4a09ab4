"""Where photos come from: a folder, a bucket, a manifest that lists them, or a stock service."""

from photoseek.sources.photo_rows import MANIFEST_EXTENSIONS
from photoseek.sources.schemes import open_source, register_source
from photoseek.sources.source import PHOTO_EXTENSIONS, Source, photo_id

__all__ = [
    "MANIFEST_EXTENSIONS",
    "PHOTO_EXTENSIONS",
    "Source",
    "open_source",
    "photo_id",
    "register_source",
]
