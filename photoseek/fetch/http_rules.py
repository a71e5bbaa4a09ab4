"""What a web server's answer means, and its body within limits, whoever the client is."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urljoin

import httpx

from photoseek.errors import DamagedPhotoError, OversizedPhotoError, UnreadablePhotoError

MOST_REDIRECTS = 5
TOO_MANY_REDIRECTS = f"The server redirects more than {MOST_REDIRECTS} times. Give the final URL."
BAD_URL = "URL cannot be used, or leads to one that cannot. Only http and https are read."

USER_AGENT = "photoseek"
HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": USER_AGENT}
"""Photos are compressed already; identity saves both sides the work."""

CHUNK = 65_536
_GZIP = b"\x1f"

_LASTING = (501, 505)  # what a server does not know today it does not know tomorrow


def may_pass(code: int) -> bool:
    """Whether a later try may succeed where the server answered so."""
    return code in (408, 425, 429) or (500 <= code < 600 and code not in _LASTING)


def usable_url(text: str) -> httpx.URL:
    """Read an http(s) URL.

    Ask the URL for its `raw_host`: `host` fails where IDNA does not like the name, though the
    name may well have a server. Emoji are of these, so they are spelt as browsers do.

    Raises:
        httpx.InvalidURL: it is no http(s) URL, or names no host.
    """
    try:
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL:
            url = httpx.URL(_AUTHORITY.sub(_with_ascii_host, text, count=1))
    except ValueError as error:  # UnicodeError among them
        raise httpx.InvalidURL(str(error)) from error
    if url.scheme not in ("http", "https") or not url.raw_host or (url.port or 80) > 65_535:
        raise httpx.InvalidURL("no http(s) URL with a host")
    return url


def redirected_url(url: httpx.URL, location: str) -> httpx.URL:
    """Read where an answer redirects to.

    The bytes of `location` that are no ASCII may have been read as UTF-8 with escapes.

    Raises:
        httpx.InvalidURL: that cannot be used.
    """
    data = location.encode(errors="surrogateescape")
    try:
        location = data.decode()
    except UnicodeDecodeError:
        location = data.decode("latin-1")
    try:
        return usable_url(urljoin(str(url), location))
    except ValueError as error:  # of urljoin: brackets that are no IPv6 address
        raise httpx.InvalidURL(str(error)) from error


_AUTHORITY = re.compile(r"(?<=://)(?P<user>[^/?#]*@)?(?P<host>[^/?#@:\[\]]+)")


_LABELS = re.compile(r"[a-zA-Z0-9._-]+")


def _with_ascii_host(authority: re.Match[str]) -> str:
    host = authority["host"].encode("idna").decode()
    if not _LABELS.fullmatch(host):  # "℀" would become "a/c", which is a path
        raise httpx.InvalidURL(f"{authority['host']!r} is no name of a host")
    return (authority["user"] or "") + host


def refusal(code: int, wait: float | None) -> str:
    """The sentence for an answer without a photo; the server asks to wait for `wait` seconds."""
    known = {status.value: status.phrase for status in HTTPStatus}
    message = f"The server answers {code} {known.get(code, '')}".rstrip() + "."
    if code in (401, 403):
        message += " Give a URL that can be read without logging in."
    if wait is not None:
        message += f" It asks to wait {wait:,.0f} s."
    return message


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, given as a number or as a date; None where it says nothing sensible."""
    value = headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:  # "-0000" stands for UTC without a known zone
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):  # OverflowError: a year or a zone beyond all calendars
        return None


def _inflater() -> zlib._Decompress:
    return zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: tell gzip and zlib by their header


class Body:
    """Collects a body of 1 to `max_bytes` bytes, counted after decompression.

    Every method raises UnreadablePhotoError, DamagedPhotoError or OversizedPhotoError.
    """

    def __init__(self, headers: Mapping[str, str], max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._data = bytearray()
        length = headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > max_bytes:
            raise OversizedPhotoError.of_bytes(int(length), max_bytes)
        encoding = headers.get("Content-Encoding", "identity").strip().lower()
        self._inflater = None
        if encoding in ("gzip", "x-gzip", "deflate"):
            self._inflater = _inflater()
        elif encoding not in ("", "identity"):
            raise UnreadablePhotoError(
                f"The server compresses its answer ({encoding[:40]}), though asked not to."
            )

    def add(self, chunk: bytes) -> None:
        """Take what arrived."""
        for piece in self._decompressed(chunk):
            self._data += piece
            if len(self._data) > self._max_bytes:
                raise OversizedPhotoError.of_bytes(len(self._data), self._max_bytes, at_least=True)

    def finish(self) -> bytes:
        """The body, once all of it has been added."""
        if self._inflater is not None and not self._inflater.eof:
            raise DamagedPhotoError("The compressed answer of the server breaks off.")
        if not self._data:
            raise DamagedPhotoError("The server sent an empty body (0 bytes).")
        return bytes(self._data)

    def _decompressed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield pieces of at most 64 KiB or what arrived at once, bombs included."""
        if self._inflater is None:
            yield chunk
            return
        rest = chunk
        try:
            while rest:
                if self._inflater.eof:
                    if not rest.startswith(_GZIP):
                        return  # what stands after the end is padding
                    self._inflater = _inflater()  # one gzip file may follow another
                yield self._inflater.decompress(rest, CHUNK)
                rest = self._inflater.unconsumed_tail or self._inflater.unused_data
        except zlib.error as error:
            raise DamagedPhotoError("The compressed answer of the server is damaged.") from error
