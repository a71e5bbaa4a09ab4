"""What a web server's answer means, and its body within limits, whoever the client is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urljoin

import httpx

from photoseek import __version__
from photoseek.errors import DamagedPhotoError, OversizedPhotoError
from photoseek.fetch.unpacking import Unpacking

MOST_REDIRECTS = 5
TOO_MANY_REDIRECTS = f"The server redirects more than {MOST_REDIRECTS} times. Give the final URL."
BAD_URL = "URL cannot be used, or leads to one that cannot. Only http and https are read."

PRODUCT = "photoseek"
USER_AGENT = f"{PRODUCT}/{__version__} (fetches photos that its user has listed)"
"""Who asks, where no setting says so. Wikimedia and others want a place to turn to: that is set."""

_LASTING = (501, 505)  # what a server does not know today it does not know tomorrow


def headers_of(user_agent: str = "") -> dict[str, str]:
    """What is sent with each request; an empty `user_agent` stands for `USER_AGENT`.

    Photos are compressed already; identity saves both sides the work.
    """
    agent = user_agent or USER_AGENT
    return {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": agent}


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
    if code == 403:
        message += (
            " Where browsers can read it, the server may refuse programs that it does not know: "
            "say who you are in PHOTOSEEK_USER_AGENT."
        )
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


class Body:
    """Collects a body of 1 to `max_bytes` bytes, counted after decompression.

    Every method raises UnreadablePhotoError, DamagedPhotoError or OversizedPhotoError.
    """

    def __init__(self, headers: Mapping[str, str], max_bytes: int) -> None:
        length = headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > max_bytes:
            raise OversizedPhotoError.of_bytes(int(length), max_bytes)
        self._unpacking = Unpacking(headers.get("Content-Encoding", ""), max_bytes)

    def add(self, chunk: bytes) -> None:
        """Take what arrived."""
        self._unpacking.add(chunk)

    def finish(self) -> bytes:
        """The body, once all of it has been added."""
        data = self._unpacking.finish()
        if not data:
            raise DamagedPhotoError("The server sent an empty body (0 bytes).")
        return data
