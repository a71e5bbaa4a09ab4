"""Requests to a stock service: its key, its limits, its failures."""

from __future__ import annotations

import functools
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from photoseek.compat.http_locks import mend_locks
from photoseek.errors import SourceError
from photoseek.helpers.deadlines import seconds_left, within
from photoseek.helpers.retry import Attempts, Pauses

ATTEMPTS = 4
PAUSES = Pauses(first=0.25)

MOST_BYTES = 8_000_000
"""A page of 80 photos has 100,000."""

_TIMEOUT = httpx.Timeout(20, connect=10)
_UNIX_TIMES = 1_000_000_000
"""Numbers from here on are moments; smaller ones are seconds from now."""


@dataclass(slots=True)
class StockApi:
    """Asks one service. The key is in `headers`, is sent to `base_url` alone and never shown.

    A request waits `longest_wait` seconds in all for a limit to be lifted. Where that takes longer,
    it fails and says so.
    """

    name: str
    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    key_variable: str
    pauses: Pauses = PAUSES
    longest_wait: float = 60.0
    _remaining: int | None = field(default=None, init=False)
    _reset: float | None = field(default=None, init=False)

    def get(self, path: str, **parameters: str | int) -> Any:
        """The JSON at a path below `base_url`, after waiting and trying again where that helps.

        Raises:
            SourceError: the service refuses, or cannot be reached; in words for people.
        """
        attempts = Attempts(ATTEMPTS, self.pauses)
        with within(self.longest_wait):
            if self._remaining == 0:  # another request could only be refused
                self._wait(self._reset)
            while True:
                try:
                    return self._get(path, parameters)
                except _LimitError as limit:
                    if limit.wait is None:
                        raise self._limit_reached(None) from None
                    attempts.failed(self._limit_reached(limit.wait), wait=limit.wait)
                except _PassingError as error:
                    attempts.failed(SourceError(f"{error} Try again later."))

    def _get(self, path: str, parameters: Mapping[str, str | int]) -> Any:
        mend_locks()
        url = self.base_url.rstrip("/") + path
        sent = {"Accept-Encoding": "identity", "User-Agent": "photoseek", **self.headers}
        try:
            # Redirects are not followed, nor proxies used: both would be shown the key.
            with (
                httpx.Client(timeout=_TIMEOUT, trust_env=False, verify=_certificates()) as client,
                client.stream("GET", url, params=parameters or None, headers=sent) as response,
            ):
                body = _body(response)
        except httpx.HTTPError as error:
            raise _PassingError(f"{self.name} cannot be reached ({error}).") from error
        self._note_limits(response.headers)
        self._check(response, body)
        try:
            return json.loads(body)
        except ValueError as error:
            raise _PassingError(f"{self.name} gives an answer that is no JSON.") from error

    def _note_limits(self, headers: httpx.Headers) -> None:
        remaining = headers.get("X-Ratelimit-Remaining", "")
        self._remaining = int(remaining) if remaining.isdecimal() else None
        self._reset = _seconds(headers.get("X-Ratelimit-Reset", ""))

    def _check(self, response: httpx.Response, body: bytes) -> None:
        code = response.status_code
        if response.is_success:
            return
        # Unsplash says 403 where others say 429.
        exceeded = code == httpx.codes.FORBIDDEN and (
            self._remaining == 0 or b"rate limit" in body.lower()
        )
        if code == httpx.codes.TOO_MANY_REQUESTS or exceeded:
            wait = _seconds(response.headers.get("Retry-After", ""))
            raise _LimitError(self._reset if wait is None else wait)
        if code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise SourceError(f"{self.name} refuses the key ({code}). Check {self.key_variable}.")
        if response.is_server_error:
            raise _PassingError(f"{self.name} answers {code} {response.reason_phrase}.")
        hint = ", a redirect that is not followed" if response.is_redirect else ""
        raise SourceError(f"{self.name} answers {code} {response.reason_phrase}{hint}.")

    def _wait(self, seconds: float | None) -> None:
        if seconds is None or seconds >= seconds_left():
            raise self._limit_reached(seconds)
        time.sleep(seconds)

    def _limit_reached(self, seconds: float | None) -> SourceError:
        when = "" if seconds is None else f" for another {seconds:,.0f} s"
        return SourceError(
            f"{self.name} allows this key no more requests{when}. What is indexed stays; run "
            "the same command again later."
        )


class _LimitError(Exception):
    """Too many requests; `wait` is for how many seconds, where that is known."""

    def __init__(self, wait: float | None) -> None:
        super().__init__()
        self.wait = wait


class _PassingError(Exception):
    """An attempt failed in a way that may pass."""


@functools.cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # takes longer than a request


def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            raise SourceError(f"{response.url.host} answers with more than {MOST_BYTES:,} bytes.")
    return bytes(body)


def _seconds(value: str) -> float | None:
    if not value.isdecimal():
        return None
    number = float(value)
    return max(0.0, number - time.time()) if number >= _UNIX_TIMES else number
