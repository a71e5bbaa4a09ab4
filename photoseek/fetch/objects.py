"""Photos from S3, within limits of size, time and reach."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from photoseek.errors import (
    AwayPhotoError,
    DamagedPhotoError,
    StorageError,
    UnreadablePhotoError,
)
from photoseek.fetch.unpacking import unpacked
from photoseek.files.s3 import connect, fetch
from photoseek.files.s3_locations import S3Location, check_roots, parse
from photoseek.helpers.deadlines import READ_SECONDS
from photoseek.helpers.retry import SHORT, Pauses

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class ObjectReader:
    """Reads objects with one client, made when it is first needed and shared by all threads.

    With `roots`, s3:// URIs of prefixes, objects outside of these are refused.
    """

    def __init__(
        self,
        *,
        roots: Sequence[str] | None,
        timeout_seconds: float,
        silence: float = READ_SECONDS,
        pauses: Pauses = SHORT,
    ) -> None:
        self._roots = roots
        self._seconds = timeout_seconds
        self._silence = silence
        self._pauses = pauses
        self._lock = threading.Lock()
        self._client: S3Client | None = None

    def read(self, uri: str, *, max_bytes: int) -> bytes:
        """Fetch the 1 to `max_bytes` bytes of an object; more are not even downloaded.

        One that was stored with gzip is unpacked.

        Raises:
            AwayPhotoError: S3 cannot be reached, or refuses it.
            UnreadablePhotoError: there is no such object, or it may not be read here.
            DamagedPhotoError: there is nothing in it.
            OversizedPhotoError: it is larger than `max_bytes`.
        """
        try:
            location = parse(uri)
            _check_key(location)
            check_roots(location, self._roots)
        except StorageError as error:
            raise UnreadablePhotoError(str(error)) from error
        try:
            data = fetch(
                self._connected(),
                location,
                max_bytes=max_bytes,
                seconds=self._seconds,
                silence=self._silence,
                pauses=self._pauses,
            )
        except StorageError as error:
            raise AwayPhotoError(str(error)) from error
        if data is None:
            raise UnreadablePhotoError("There is no such object. It was moved or deleted.")
        if not data:
            raise DamagedPhotoError("Object is empty (0 bytes).")
        return unpacked(data, max_bytes)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _connected(self) -> S3Client:
        with self._lock:
            if self._client is None:
                self._client = connect(min(self._silence, self._seconds))
            return self._client


def _check_key(location: S3Location) -> None:
    if not location.key or location.key.endswith("/"):
        raise UnreadablePhotoError("This is a bucket or a prefix, not an object.")
    # S3 takes them as they are, but proxies and browsers make other keys of them.
    if {".", ".."} & set(location.key.split("/")):
        raise UnreadablePhotoError('Key has a part "." or "..". Rename the object.')
