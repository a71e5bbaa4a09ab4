"""One door to the bytes of a photo."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from photoseek.errors import (
    AwayPhotoError,
    DamagedPhotoError,
    MissingPackageError,
    OversizedPhotoError,
    PhotoError,
    UnreadablePhotoError,
)
from photoseek.fetch.local import LocalFile, open_file, path_of_file_uri, read_file
from photoseek.fetch.readers import check_prefixes, reader_of
from photoseek.files.s3_locations import bucket_roots
from photoseek.helpers.deadlines import READ_SECONDS
from photoseek.helpers.extras import check_extra
from photoseek.helpers.path_rules import is_absolute, is_of_windows
from photoseek.helpers.retry import SHORT, Pauses
from photoseek.helpers.uri import is_s3, scheme_of

if TYPE_CHECKING:
    from photoseek.fetch.objects import ObjectReader
    from photoseek.fetch.web import WebReader

_log = logging.getLogger(__name__)


def is_remote(uri: str) -> bool:
    """Whether reading a photo means to wait for a network."""
    return scheme_of(uri) not in ("", "file")


class PhotoReader:
    """Reads photos from absolute paths and file://, http(s):// and s3:// URIs, and from those that
    `register_reader` knows; safe in threads.

    `max_megabytes` limits one photo, in millions of bytes. With `roots`, files outside of these
    folders are refused, links followed, and objects outside of these s3:// prefixes. Web addresses
    inside private networks are refused unless `allow_private_addresses`. `timeout_seconds` is for
    one photo from the web or S3 in all: redirects, retries and waiting included. `user_agent` is
    who asks web servers, "" for photoseek itself. `silence` is the longest one of a server in
    seconds, and `pauses` come between attempts.
    """

    def __init__(
        self,
        max_megabytes: float = 64,
        allow_private_addresses: bool = False,
        roots: Sequence[str | Path] | None = None,
        timeout_seconds: float = 30,
        *,
        user_agent: str = "",
        silence: float = READ_SECONDS,
        pauses: Pauses = SHORT,
    ) -> None:
        self._max_bytes = int(max_megabytes * 1e6)
        self._prefixes = roots
        self._roots: tuple[Path, ...] | None = None
        if roots is not None:
            self._roots = tuple(_folder(root) for root in roots if not is_s3(root))
        self._lock = threading.Lock()
        self._objects: ObjectReader | None = None
        self._new_objects = partial(
            _object_reader, bucket_roots(roots), timeout_seconds, silence, pauses
        )
        self._is_closed = False
        self._web: WebReader | None = None
        self._new_web = partial(
            _web_reader, allow_private_addresses, timeout_seconds, user_agent, silence, pauses
        )
        self._by_scheme: dict[str, Callable[[str], bytes]] = {
            **dict.fromkeys(("", "file"), self._read_file),
            **dict.fromkeys(("http", "https"), self._read_web),
            "s3": self._read_object,
        }

    def read(self, uri: str) -> bytes:
        """Read the bytes at an absolute path, or a file://, http(s):// or s3:// URI; never empty.

        Nothing else is raised: whatever an odd URI causes below belongs to that one photo.

        Raises:
            AwayPhotoError: it cannot be reached or read now, and may be later.
            UnreadablePhotoError: it is not there, or cannot be read.
            DamagedPhotoError: there is nothing in it, or it breaks off.
            OversizedPhotoError: it is larger than the limit.
        """
        try:
            return self._read(uri)
        except PhotoError:
            raise
        except MissingPackageError as error:
            raise AwayPhotoError(str(error)) from error
        except Exception as error:
            _log.warning("Reading %.200r failed.", uri, exc_info=True)
            name = type(error).__name__
            raise UnreadablePhotoError(
                f"It cannot be read ({name}). Check its address; the log says more."
            ) from error

    def _read(self, uri: str) -> bytes:
        read = self._by_scheme.get(scheme_of(uri), self._read_elsewhere)
        return read(uri)

    def _read_elsewhere(self, uri: str) -> bytes:
        read = reader_of(uri)
        if read is None:
            raise _unknown_place(uri)
        check_prefixes(uri, self._prefixes)
        data = read(uri, self._max_bytes)
        if not data:
            raise DamagedPhotoError("There is nothing in it (0 bytes).")
        if len(data) > self._max_bytes:
            raise OversizedPhotoError.of_bytes(len(data), self._max_bytes)
        return data

    def _read_file(self, uri: str) -> bytes:
        path = _local_path(uri)
        if path is None:
            raise _unknown_place(uri)
        return read_file(path, max_bytes=self._max_bytes, roots=self._roots)

    def _read_web(self, uri: str) -> bytes:
        with self._lock:
            if self._web is None:
                self._web = self._new_web()
                if self._is_closed:
                    self._web.close()
        return self._web.read(uri, max_bytes=self._max_bytes)

    def _read_object(self, uri: str) -> bytes:
        with self._lock:
            if self._objects is None:
                self._objects = self._new_objects()
        return self._objects.read(uri, max_bytes=self._max_bytes)

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
        with self._lock:
            self._is_closed = True
            if self._web is not None:
                self._web.close()
        if self._objects is not None:
            self._objects.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _web_reader(
    allow_private_addresses: bool,
    timeout_seconds: float,
    user_agent: str,
    silence: float,
    pauses: Pauses,
) -> WebReader:
    from photoseek.fetch.web import WebReader  # httpx takes a fifth of a second to import

    return WebReader(
        allow_private_addresses=allow_private_addresses,
        timeout_seconds=timeout_seconds,
        user_agent=user_agent,
        silence=silence,
        pauses=pauses,
    )


def _object_reader(
    roots: tuple[str, ...] | None, timeout_seconds: float, silence: float, pauses: Pauses
) -> ObjectReader:
    check_extra("s3")
    from photoseek.fetch.objects import ObjectReader  # boto3 is slow to import

    return ObjectReader(
        roots=roots, timeout_seconds=timeout_seconds, silence=silence, pauses=pauses
    )


def _unknown_place(uri: str) -> UnreadablePhotoError:
    if is_of_windows(uri):
        return UnreadablePhotoError(
            f"{uri[:80]!r} is a path of Windows, which this machine has not. Index the photos "
            "where they lie now."
        )
    return UnreadablePhotoError(
        f"Cannot tell where {uri[:80]!r} lies. Give an absolute path, or a file://, http(s):// or "
        "s3:// URI."
    )


def _folder(root: str | Path) -> Path:
    with suppress(RuntimeError):  # a home that nobody has
        root = Path(root).expanduser()
    return Path(root).resolve()


def _local_path(uri: str) -> str | None:
    if scheme_of(uri) == "file":
        return path_of_file_uri(uri)
    return uri if is_absolute(uri) else None
