"""One door to the bytes of a photo."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from photoseek.errors import PhotoError, UnreadablePhotoError
from photoseek.fetch.local import LocalFile, open_file, path_of_file_uri, read_file
from photoseek.fetch.web import WebReader

if TYPE_CHECKING:
    from photoseek.fetch.objects import ObjectReader

S3 = "s3://"

_log = logging.getLogger(__name__)


def is_remote(uri: str) -> bool:
    """Whether reading a photo means to wait for a network."""
    return "://" in uri and not uri.lower().startswith("file://")


def bucket_roots(roots: Sequence[str | Path] | None) -> tuple[str, ...] | None:
    """Those of the places that photos may be read from which lie in S3; None where any may."""
    return None if roots is None else tuple(str(root) for root in roots if _is_bucket(root))


class PhotoReader:
    """Reads photos from absolute paths and file://, http(s):// and s3:// URIs; safe in threads.

    `max_megabytes` limits one photo, in millions of bytes. With `roots`, files outside of these
    folders are refused, links followed, and objects outside of these s3:// prefixes. Web addresses
    inside private networks are refused unless `allow_private_addresses`. `timeout_seconds` is for
    one photo from the web or S3 in all: redirects, retries and waiting included.
    """

    def __init__(
        self,
        max_megabytes: float = 64,
        allow_private_addresses: bool = False,
        roots: Sequence[str | Path] | None = None,
        timeout_seconds: float = 30,
    ) -> None:
        self._max_bytes = int(max_megabytes * 1e6)
        self._seconds = timeout_seconds
        self._roots: tuple[Path, ...] | None = None
        self._buckets = bucket_roots(roots)
        if roots is not None:
            self._roots = tuple(_folder(root) for root in roots if not _is_bucket(root))
        self._lock = threading.Lock()
        self._objects: ObjectReader | None = None
        self._web = WebReader(
            allow_private_addresses=allow_private_addresses, timeout_seconds=timeout_seconds
        )

    def read(self, uri: str) -> bytes:
        """Read the bytes at an absolute path, or a file://, http(s):// or s3:// URI; never empty.

        Raises UnreadablePhotoError, DamagedPhotoError (nothing in it) or OversizedPhotoError, and
        nothing else: whatever an odd URI brings about below belongs to that one photo.
        """
        try:
            return self._read(uri)
        except PhotoError:
            raise
        except Exception as error:
            _log.warning("Reading %.200r failed.", uri, exc_info=True)
            name = type(error).__name__
            raise UnreadablePhotoError(
                f"It cannot be read ({name}). Check its address; the log says more."
            ) from error

    def _read(self, uri: str) -> bytes:
        scheme = _scheme(uri)
        if scheme in ("http", "https"):
            return self._web.read(uri, max_bytes=self._max_bytes)
        if (path := _local_path(uri)) is not None:
            return read_file(path, max_bytes=self._max_bytes, roots=self._roots)
        if scheme == "s3":
            return self._object_reader().read(uri, max_bytes=self._max_bytes)
        raise UnreadablePhotoError(
            f"Cannot tell where {uri[:80]!r} lies. Give an absolute path, or a file://, "
            "http(s):// or s3:// URI."
        )

    def open(self, uri: str) -> LocalFile | None:
        """Open what `read` would read from a disk of this machine; None where it lies elsewhere.

        Whoever gives out the bytes of a file gives those of the one that was checked here. Raises
        as `read` does.
        """
        path = _local_path(uri)
        if path is None:
            return None
        return open_file(path, max_bytes=self._max_bytes, roots=self._roots)

    def close(self) -> None:
        """Close the connections. Reading from the web afterwards is an error."""
        self._web.close()
        if self._objects is not None:
            self._objects.close()

    def _object_reader(self) -> ObjectReader:
        from photoseek.fetch.objects import ObjectReader  # boto3 is slow to import

        with self._lock:
            if self._objects is None:
                self._objects = ObjectReader(roots=self._buckets, timeout_seconds=self._seconds)
            return self._objects

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _is_bucket(root: str | Path) -> bool:
    return str(root).lower().startswith(S3)


def _folder(root: str | Path) -> Path:
    with suppress(RuntimeError):  # a home that nobody has
        root = Path(root).expanduser()
    return Path(root).resolve()


def _scheme(uri: str) -> str:
    return uri.partition("://")[0].lower() if "://" in uri else ""


def _local_path(uri: str) -> str | None:
    if _scheme(uri) == "file":
        return path_of_file_uri(uri)
    return uri if uri.startswith("/") else None
