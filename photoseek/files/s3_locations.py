"""Where things lie in S3, and which of these places may be read. Needs no boto3."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photoseek.errors import OutsideRootsError, StorageError
from photoseek.helpers.uri import S3_PREFIX, is_s3

_BUCKET = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,62}", re.ASCII)


@dataclass(frozen=True, slots=True)
class S3Location:
    """An object in a bucket, or a prefix of keys. Keys are taken as they are: "%" is a letter."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The URI that `parse` reads."""
        return f"{S3_PREFIX}{self.bucket}/{self.key}"


def parse(uri: str) -> S3Location:
    """The location that s3://bucket/key names; the key may be empty.

    Raises:
        StorageError: there is no bucket in it, or what cannot be one.
    """
    bucket, _, key = uri.partition("://")[2].partition("/")
    if not is_s3(uri) or not _BUCKET.fullmatch(bucket):
        raise StorageError(f"{uri[:200]!r} names no bucket in S3. Write s3://BUCKET/PREFIX.")
    try:
        key.encode()
    except UnicodeEncodeError as error:
        raise StorageError(f"{uri[:200]!r} is not UTF-8.") from error
    return S3Location(bucket, key)


def bucket_roots(roots: Sequence[str | Path] | None) -> tuple[str, ...] | None:
    """Those of the places that photos may be read from which lie in S3; None where any may."""
    return None if roots is None else tuple(str(root) for root in roots if is_s3(root))


def check_roots(location: S3Location, roots: Sequence[str] | None) -> None:
    """Refuse an object that lies below none of these s3:// URIs; None allows any.

    Raises:
        OutsideRootsError: it lies elsewhere.
    """
    if roots is None:
        return
    for root in map(parse, roots):
        below = root.key.rstrip("/") + "/" if root.key else ""
        if root.bucket == location.bucket and location.key.startswith(below):
            return
    allowed = ", ".join(roots) or "none at all"
    raise OutsideRootsError(
        f"Object lies outside of the buckets that may be read ({allowed}). "
        "Add its bucket or prefix to PHOTOSEEK_PHOTO_ROOTS."
    )
