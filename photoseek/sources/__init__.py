"""Where photos come from: a folder, a bucket, a manifest that lists them, or a stock service."""

from __future__ import annotations

from photoseek.errors import SourceError
from photoseek.settings import StockSettings
from photoseek.sources.bucket import BucketSource
from photoseek.sources.folder import FolderSource
from photoseek.sources.manifest import MANIFEST_EXTENSIONS, ManifestSource
from photoseek.sources.source import PHOTO_EXTENSIONS, Source, local_path, photo_id
from photoseek.sources.stock import is_stock, open_stock

__all__ = ["MANIFEST_EXTENSIONS", "PHOTO_EXTENSIONS", "Source", "open_source", "photo_id"]


def open_source(location: str, settings: StockSettings | None = None) -> Source:
    """Open a folder of photos, or a manifest (.csv, .tsv or .parquet) that lists photos.

    Either may lie in S3, at s3://bucket/prefix. A search at a stock service, unsplash:QUERY or
    pexels:QUERY, needs a key, which `settings` hold. Raises SourceError where it is missing,
    unreadable, of another kind, or has no photos. A folder that has lost its photos is an error
    and not an empty list, because it is far more often a disk that is not mounted.
    """
    if is_stock(location):
        return open_stock(location, settings)
    if location.lower().startswith("s3://"):
        location = "s3" + location[2:]
        if location.count("/") > 2 and location.lower().endswith(MANIFEST_EXTENSIONS):
            return ManifestSource.download(location)
        return BucketSource.open(location)
    if "://" in location:
        raise SourceError(
            f"{location[:200]} is not a source that can be read. Give a folder, a bucket "
            "(s3://BUCKET/PREFIX), or a manifest of URLs (.csv, .tsv or .parquet) in one of them."
        )
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
    return ManifestSource.open(path)
