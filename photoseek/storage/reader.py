"""One door to the bytes of a photo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from photoseek.errors import UnreadablePhotoError
from photoseek.storage.files import path_of_file_uri, read_file
from photoseek.storage.web import WebReader


class PhotoReader:
    """Reads photos from absolute paths, file:// URIs and http(s) URLs. Safe to use from threads.

    `max_megabytes` limits one photo, in millions of bytes. With `roots`, files outside of these
    folders are refused, links followed. Web addresses inside private networks are refused
    unless `allow_private_addresses`. `timeout_seconds` is for one photo from the web in all:
    redirects, retries and waiting included.
    """

    def __init__(
        self,
        max_megabytes: float = 64,
        allow_private_addresses: bool = False,
        roots: Sequence[Path] | None = None,
        timeout_seconds: float = 30,
    ) -> None:
        self._max_bytes = int(max_megabytes * 1e6)
        self._roots = None if roots is None else tuple(root.resolve() for root in roots)
        self._web = WebReader(
            allow_private_addresses=allow_private_addresses, timeout_seconds=timeout_seconds
        )

    def read(self, uri: str) -> bytes:
        """Read the bytes at an absolute path, a file:// URI or an http(s) URL; never empty.

        Raises UnreadablePhotoError, DamagedPhotoError (nothing in it) or OversizedPhotoError.
        """
        scheme = uri.partition("://")[0].lower() if "://" in uri else ""
        if scheme in ("http", "https"):
            return self._web.read(uri, max_bytes=self._max_bytes)
        if scheme == "file":
            return read_file(path_of_file_uri(uri), max_bytes=self._max_bytes, roots=self._roots)
        if uri.startswith("/"):
            return read_file(uri, max_bytes=self._max_bytes, roots=self._roots)
        if scheme == "s3":
            raise UnreadablePhotoError(
                "Photos in S3 are not supported yet. Copy them to a folder, or give https URLs."
            )
        raise UnreadablePhotoError(
            f"Cannot tell where {uri[:80]!r} lies. Give an absolute path, a file:// URI or an "
            "http(s) URL."
        )

    def close(self) -> None:
        """Close the connections. Reading from the web afterwards is an error."""
        self._web.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
