"""Links to photos that a browser can open."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from photoseek.errors import StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from photoseek.storage.s3 import S3Location

SECONDS_TO_CONNECT = 3
"""The first link to a bucket asks for its region; no search waits long for that."""


class Links:
    """Gives links that last so many seconds. May be used by many threads."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._client: S3Client | None = None
        self._buckets: set[str] = set()

    def link(self, uri: str) -> str:
        """The URL of a photo on the web, a presigned one in S3, and "" for a local file.

        It is also "" where there are no AWS credentials to sign with. Signing takes a third of a
        millisecond and no request.
        """
        scheme = uri.partition("://")[0].lower() if "://" in uri else ""
        if scheme in ("http", "https"):
            return uri
        if scheme != "s3":
            return ""
        from photoseek.storage.s3 import parse, presigned  # boto3 takes half a second to import

        try:
            location = parse(uri)
            return presigned(self._connected(location), location, self._seconds)
        except StorageError:
            return ""

    def _connected(self, location: S3Location) -> S3Client:
        from photoseek.storage.s3 import bucket_region, connect

        with self._lock:
            if self._client is None:
                self._client = connect(SECONDS_TO_CONNECT)
            if location.bucket not in self._buckets:
                # boto3 remembers where it was sent on to, and signs for that region.
                bucket_region(self._client, location.bucket)
                self._buckets.add(location.bucket)
            return self._client
