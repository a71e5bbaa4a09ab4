"""Bytes from http(s) URLs, within limits of size, time, redirects and reach."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from photoseek.errors import DamagedPhotoError, UnreadablePhotoError
from photoseek.storage.connections import CheckedTransport, deadline
from photoseek.storage.files import oversized

ATTEMPTS = 3
FIRST_PAUSE = 0.25
"""Seconds before the second attempt; doubled before the third."""

LONGEST_PAUSE = 10.0
"""Seconds. A server that asks for a longer one is not waited for."""

MOST_REDIRECTS = 5
CONNECT_SECONDS = 10.0
READ_SECONDS = 15.0
"""The longest silence of a server."""

CHUNK = 65_536

_TRY_AGAIN = (429, 500, 502, 503, 504)


class WebReader:
    """Reads the bodies of URLs with one pool of connections, shared by all threads.

    Proxies named in the environment are not used: a proxy resolves names itself, so that no
    address could be checked. SSL_CERT_FILE and SSL_CERT_DIR are honoured.
    """

    def __init__(self, *, allow_private_addresses: bool, timeout_seconds: float) -> None:
        self._allow_private_addresses = allow_private_addresses
        self._seconds = timeout_seconds
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._closed = threading.Event()

    def read(self, url: str, *, max_bytes: int) -> bytes:
        """Fetch a body of 1 to `max_bytes` bytes, counted after decompression.

        Raises UnreadablePhotoError, DamagedPhotoError or OversizedPhotoError.
        """
        token = deadline.set(time.monotonic() + self._seconds)
        try:
            return self._read(url, max_bytes)
        finally:
            deadline.reset(token)

    def close(self) -> None:
        """Close the connections and end all waiting between attempts."""
        self._closed.set()
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _read(self, url: str, max_bytes: int) -> bytes:
        pause = FIRST_PAUSE
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._follow(url, max_bytes)
            except _TryAgainError as error:
                wait = pause if error.wait is None else error.wait
                left = deadline.get() - time.monotonic()
                if attempt == ATTEMPTS or wait > min(LONGEST_PAUSE, left):
                    raise UnreadablePhotoError(str(error)) from error
                if self._closed.wait(wait):
                    raise UnreadablePhotoError("Reading was stopped.") from error
                pause *= 2
        raise AssertionError("the last attempt returns or raises")

    def _follow(self, url: str, max_bytes: int) -> bytes:
        """Fetch once. Redirects are followed here, because httpx would read their bodies whole."""
        with _failures_explained(self._seconds):
            client = self._connected()
            request: httpx.Request | None = client.build_request("GET", url)
            for _ in range(MOST_REDIRECTS + 1):
                assert request is not None
                _check_url(request.url)
                response = client.send(request, stream=True)
                try:
                    request = response.next_request
                    if request is None:
                        return _body(response, max_bytes)
                finally:
                    response.close()
        raise UnreadablePhotoError(
            f"The server redirects more than {MOST_REDIRECTS} times. Give the final URL."
        )

    def _connected(self) -> httpx.Client:
        """Give the one client, made when first needed: reading certificates takes a while."""
        with self._lock:
            if self._closed.is_set():
                raise UnreadablePhotoError("Reading was stopped.")
            if self._client is None:
                self._client = httpx.Client(
                    transport=CheckedTransport(
                        allow_private_addresses=self._allow_private_addresses
                    ),
                    timeout=httpx.Timeout(
                        READ_SECONDS, connect=CONNECT_SECONDS, pool=self._seconds
                    ),
                    # Nobody is logged in here, and a jar would grow with every server.
                    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                    # Photos are compressed already; identity saves both sides the work.
                    headers={"Accept-Encoding": "identity", "User-Agent": "photoseek"},
                    trust_env=False,
                )
            return self._client


class _TryAgainError(Exception):
    """An attempt failed in a way that may pass. `wait` is what the server asked for, in seconds."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


def _check_url(url: httpx.URL) -> None:
    if url.scheme not in ("http", "https") or not url.host or (url.port or 80) > 65_535:
        raise httpx.InvalidURL("no http(s) URL with a host")


def _body(response: httpx.Response, max_bytes: int) -> bytes:
    _check_status(response)
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise oversized(int(length), max_bytes)
    data = bytearray()
    for chunk in _decompressed(response):
        data += chunk
        if len(data) > max_bytes:
            raise oversized(len(data), max_bytes, at_least=True)
    if not data:
        raise DamagedPhotoError("The server sent an empty body (0 bytes).")
    return bytes(data)


def _check_status(response: httpx.Response) -> None:
    if response.is_success:
        return
    code = response.status_code
    known = {status.value: status.phrase for status in HTTPStatus}
    message = f"The server answers {code} {known.get(code, '')}".rstrip() + "."
    if code in (401, 403):
        message += " Give a URL that can be read without logging in."
    if code in _TRY_AGAIN:
        wait = _retry_after(response.headers.get("Retry-After", ""))
        if wait is not None:
            message += f" It asks to wait {wait:,.0f} s."
        raise _TryAgainError(message, wait)
    raise UnreadablePhotoError(message)


def _retry_after(value: str) -> float | None:
    """Seconds to wait, given as a number or as a date; None where it says nothing sensible."""
    if value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:  # "-0000" stands for UTC without a known zone
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _decompressed(response: httpx.Response) -> Iterator[bytes]:
    """Yield the body in pieces of at most 64 KiB or what arrived at once, bombs included."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        yield from response.iter_raw()
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise UnreadablePhotoError(
            f"The server compresses its answer ({encoding[:40]}), though asked not to."
        )
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: tell gzip and zlib by their header
    try:
        for chunk in response.iter_raw():
            rest = chunk
            while rest:
                yield inflater.decompress(rest, CHUNK)
                rest = inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error as error:
        raise DamagedPhotoError("The compressed answer of the server is damaged.") from error
    if not inflater.eof:
        raise DamagedPhotoError("The compressed answer of the server breaks off.")


@contextmanager
def _failures_explained(seconds: float) -> Iterator[None]:
    try:
        yield
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise UnreadablePhotoError(
            "URL cannot be used, or leads to one that cannot. Only http and https are read."
        ) from error
    except httpcore.TimeoutException as error:
        if time.monotonic() >= deadline.get():
            raise UnreadablePhotoError(
                f"The server took longer than {seconds:g} s in all. Raise PHOTOSEEK_FETCH_SECONDS."
            ) from error
        raise _TryAgainError("The server does not answer.") from error
    except (httpcore.ProtocolError, httpx.ProtocolError) as error:
        raise _TryAgainError(
            f"The answer of the server breaks off or is damaged ({error})."
        ) from error
    except httpcore.NetworkError as error:
        raise _TryAgainError(f"The server cannot be reached ({error}).") from error
