"""Where the journal of a download lies: in its folder; for a bucket, here and in the bucket."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from pathlib import Path

from photoseek.download.journal import MANIFEST, Journal
from photoseek.errors import StorageError
from photoseek.sources.tables import CsvTable
from photoseek.storage.places import Place

BUCKETS = Path("data/downloads")
"""Below it lie the journals of downloads to buckets, in which nothing can be appended."""

_S3 = "s3://"


def journal_folder(place: Place) -> Path:
    """Give the folder for the journal of a download to a place."""
    if place.uri.startswith(_S3):
        return BUCKETS / place.uri.removeprefix(_S3)
    return Path(place.uri)


def take_over(place: Place, journal: Journal) -> None:
    """Add to the journal what other machines have downloaded to the same bucket."""
    if not place.uri.startswith(_S3):
        return
    data = place.read(MANIFEST)
    if data is None:
        return
    journal.add_all(CsvTable(partial(BytesIO, data), ",", f"{place.uri}/{MANIFEST}"))


def publish(place: Place, journal: Journal) -> None:
    """Write the manifest into the bucket. Raises StorageError where either cannot be used."""
    if not place.uri.startswith(_S3):
        return
    try:
        data = journal.manifest.path.read_bytes()
    except OSError as error:
        raise StorageError(f"{journal.manifest.path} cannot be read: {error.strerror}.") from error
    place.write(MANIFEST, data, "text/csv")
