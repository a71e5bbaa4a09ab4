"""Where the journal of a download lies: in its folder; for a bucket, here and in the bucket."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from photoseek.download.append_log import not_ours
from photoseek.download.state import MANIFEST, MANIFEST_COLUMNS, Journal, has_rows
from photoseek.errors import StorageError
from photoseek.files.filestore import UNFINISHED, FileStore
from photoseek.helpers.idset import key_of
from photoseek.helpers.path_rules import HERE, Flavour, extended, may_be_named, safe_name
from photoseek.helpers.uri import S3_PREFIX, is_s3
from photoseek.sources.tables import CsvTable

if TYPE_CHECKING:
    from photoseek.files.s3_files import BucketFiles

BUCKETS = Path("data/downloads")
"""Below it lie the journals of downloads to buckets, in which nothing can be appended."""

BEFORE = "manifest.before.csv"
_CSV = "text/csv"
_LONGEST_NAME = 40


def journal_folder(place: FileStore) -> Path:
    """The folder for the journal of a download to a place."""
    if is_s3(place.uri):
        return BUCKETS / folder_name(place.uri.removeprefix(S3_PREFIX))
    return Path(extended(place.uri, room=_LONGEST_NAME))


def folder_name(key: str, flavour: Flavour = HERE) -> str:
    """A folder for a bucket and prefix: of that name, where this system has such names.

    To Windows "Photos" and "photos" are one folder.
    """
    parts = key.split("/")
    is_told_apart = flavour == "posix" or key == key.lower()
    if is_told_apart and all(may_be_named(part, flavour) for part in parts):
        return key
    return "/".join(safe_name(part) for part in parts) + f"-{key_of(key):016x}"


def path_in(place: FileStore, name: str) -> str:
    """What the manifest says of where a file lies: relative in a folder, whole in a bucket."""
    return f"{place.uri}/{name}" if is_s3(place.uri) else name


def begin(place: FileStore, journal: Journal, *, resume: bool) -> None:
    """Make the journal true: add what others brought to the bucket, forget what is not there.

    Without `resume`, the manifest in the bucket is set aside.

    Raises:
        StorageError: that one is somebody else's, or cannot be used.
    """
    bucket = _bucket(place)
    if bucket is None:
        _remove_unfinished(Path(place.uri))
    elif resume:
        _take_over(bucket, journal, bucket.read(MANIFEST))
    else:
        _set_aside(bucket, journal)
    journal.forget_missing(lambda: (path_in(place, entry.name) for entry in place.entries()))


def publish(place: FileStore, journal: Journal) -> None:
    """Write the manifest into the bucket, with what others wrote there meanwhile.

    Raises:
        StorageError: the manifest or the bucket cannot be used.
    """
    bucket = _bucket(place)
    if bucket is not None:
        bucket.update(MANIFEST, partial(_take_over, bucket, journal), _CSV)


def _remove_unfinished(folder: Path) -> None:
    """Remove what killed downloads left half written. The journal is locked: no other one writes.

    Only where downloads put photos, since an index that lies in the folder has writers of its own.
    """
    for part in folder.glob(f"[0-9a-f][0-9a-f]/{UNFINISHED}*"):
        with suppress(OSError):  # then it stays, and does no harm
            part.unlink()


def _take_over(bucket: BucketFiles, journal: Journal, data: bytes | None) -> bytes:
    """Add to the journal what the manifest in the bucket has, and give the manifest of both."""
    if data is not None:
        journal.add_all(_checked(bucket, data))
    return _own(journal)


def _own(journal: Journal) -> bytes:
    try:
        return journal.manifest.path.read_bytes()
    except OSError as error:
        raise StorageError(f"{journal.manifest.path} cannot be read: {error.strerror}.") from error


def _set_aside(bucket: BucketFiles, journal: Journal) -> None:
    data = bucket.read(MANIFEST)
    if data is not None:
        _checked(bucket, data)
        if has_rows(BytesIO(data)):
            bucket.write(BEFORE, data, _CSV)
        bucket.write(MANIFEST, _own(journal), _CSV)


def _checked(bucket: BucketFiles, data: bytes) -> CsvTable:
    table = CsvTable(partial(BytesIO, data), ",", f"{bucket.uri}/{MANIFEST}", exact=True)
    if not set(MANIFEST_COLUMNS) <= set(table.columns):
        raise not_ours(f"{bucket.uri}/{MANIFEST}")
    return table


def _bucket(place: FileStore) -> BucketFiles | None:
    if not is_s3(place.uri):
        return None
    from photoseek.files.s3_files import BucketFiles  # boto3 takes half a second to import

    return place if isinstance(place, BucketFiles) else None
