"""Which source opens a location: by its scheme, the word before the first ":".

A location without a scheme is a path. A source of somebody else's is found by an entry point of the
group `photoseek.sources`, whose name is the scheme and whose object is an `Opener`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from io import BytesIO

from photoseek.errors import SourceError
from photoseek.helpers.path_rules import path_of_file_uri
from photoseek.helpers.uri import installed_for, scheme_of
from photoseek.settings import StockSettings
from photoseek.sources.photo_rows import MANIFEST_EXTENSIONS
from photoseek.sources.source import Source, local_path

ENTRY_POINTS = "photoseek.sources"

Opener = Callable[[str, StockSettings | None], Source]
"""Opens a location with the settings. Raises SourceError where it cannot be used."""

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE | re.ASCII)  # one letter is a drive


def open_source(location: str, settings: StockSettings | None = None) -> Source:
    """The photos at a location: a folder, or a manifest (.csv, .tsv or .parquet) that lists photos.

    Either may lie in S3, at s3://bucket/prefix. A search at a stock service, unsplash:QUERY or
    pexels:QUERY, needs a key, which `settings` hold. A folder that has lost its photos is an error
    and not an empty list, because it is far more often a disk that is not mounted.

    Raises:
        SourceError: it is missing, unreadable, of another kind, or has no photos.
    """
    found = _SCHEME.match(location)
    scheme = found[1].lower() if found else ""
    opener = _openers.get(scheme) or _installed(scheme)
    if opener is None and scheme_of(location):
        raise SourceError(
            f"{location[:200]} is not a source that can be read. Give a folder, a bucket "
            "(s3://BUCKET/PREFIX), or a manifest of URLs (.csv, .tsv or .parquet) in one of them."
        )
    return (opener or _open_path)(location, settings)


def register_source(scheme: str, opener: Opener) -> None:
    """Let an opener answer for the locations of a scheme."""
    _openers[scheme] = opener


def _installed(scheme: str) -> Opener | None:
    """The opener of a package that is installed beside photoseek, loaded when first needed."""
    try:
        opener: Opener | None = installed_for(scheme, ENTRY_POINTS)
    except ImportError as error:
        raise SourceError(str(error)) from error
    if opener is not None:
        register_source(scheme, opener)
    return opener


def _open_path(location: str, _: StockSettings | None) -> Source:
    from photoseek.sources.folder import FolderSource
    from photoseek.sources.manifest import ManifestSource

    path = local_path(location)
    if path.is_dir():
        return FolderSource.open(path)
    if not path.is_file():
        raise SourceError(
            f"There is no folder or manifest at {path}. Check the path, or set PHOTOSEEK_SOURCE."
        )
    if path.suffix.lower() not in MANIFEST_EXTENSIONS:
        raise SourceError(
            f"{path} is neither a folder nor a manifest. Give the folder that holds your photos, "
            f"or a manifest that ends in {', '.join(MANIFEST_EXTENSIONS)}."
        )
    return ManifestSource.open(str(path), lambda: path.open("rb"))


def _open_file_uri(location: str, settings: StockSettings | None) -> Source:
    if not scheme_of(location):  # a folder of that name
        return _open_path(location, settings)
    try:
        return _open_path(path_of_file_uri(location), settings)
    except ValueError as error:
        raise SourceError(f"{location[:200]} cannot be used: {error}.") from error


def _open_in_bucket(location: str, _: StockSettings | None) -> Source:
    from photoseek.sources.bucket import BucketSource, read_object
    from photoseek.sources.manifest import ManifestSource

    location = "s3" + location[2:]
    if location.count("/") > 2 and location.lower().endswith(MANIFEST_EXTENSIONS):
        return ManifestSource.open(location, partial(BytesIO, read_object(location)))
    return BucketSource.open(location)


def _open_search(location: str, settings: StockSettings | None) -> Source:
    from photoseek.sources.stock import open_stock

    return open_stock(location, settings)


_openers: dict[str, Opener] = {
    "file": _open_file_uri,
    "s3": _open_in_bucket,
    "unsplash": _open_search,
    "pexels": _open_search,
}
