"""Bytes from http(s) URLs without a thread for each, within the limits that `fetch.web` has."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import aiohttp
import httpx
from yarl import URL

from photoseek.download.connector import checked_connector
from photoseek.download.hosts import ClosedHosts, Turns, host_of
from photoseek.download.outcomes import FetchError
from photoseek.download.robots import forbidden_by
from photoseek.errors import PhotoError
from photoseek.fetch.http_rules import (
    BAD_URL,
    MOST_REDIRECTS,
    TOO_MANY_REDIRECTS,
    Body,
    headers_of,
    may_pass,
    redirected_url,
    refusal,
    retry_after,
    usable_url,
)
from photoseek.helpers.deadlines import CONNECT_SECONDS, READ_SECONDS

_LONGEST_HEADER = 65_536
"""Bytes. Some servers say more than the usual 8 KiB, of their security policy for one."""

_REDIRECTS = (301, 302, 303, 307, 308)


class Fetcher:
    """Fetches many bodies at a time in one event loop; an async context manager.

    `per_host` requests go to one server at once, also where others redirect to it, and none to
    those that are `closed`. `seconds` is for one attempt in all, redirects included. No proxies
    from the environment, which resolve names themselves; no cookies, since nobody is logged in.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        per_host: int,
        closed: ClosedHosts,
        seconds: float,
        max_megabytes: float,
        allow_private_addresses: bool,
        ignore_robots_tag: bool,
        user_agent: str = "",
    ) -> None:
        self._turns = Turns(per_host)
        self._closed = closed
        self._seconds = seconds
        self._max_bytes = int(max_megabytes * 1e6)
        self._ignore_robots_tag = ignore_robots_tag
        self._session = aiohttp.ClientSession(
            connector=checked_connector(
                allow_private_addresses=allow_private_addresses, concurrency=concurrency
            ),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS
            ),
            headers=headers_of(user_agent),
            auto_decompress=False,  # `Body` does it, and stops in time
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def fetch(self, url: str, *, keep_alive: bool = True) -> bytes:
        """Fetch a body once; without `keep_alive` its connection is not kept.

        A list may name thousands of servers, and idle connections to all of them would be more
        than a process may have open.

        Raises:
            FetchError: it cannot be had.
        """
        headers = {} if keep_alive else {"Connection": "close"}
        with _failures_explained(self._seconds):
            async with asyncio.timeout(self._seconds) as limit:
                return await self._follow(url, headers, limit)

    async def _follow(self, url: str, headers: dict[str, str], limit: asyncio.Timeout) -> bytes:
        """Follow redirects, whose bodies are not read."""
        host = host_of(url)
        target = usable_url(url)
        for _ in range(MOST_REDIRECTS + 1):
            self._closed.check(host)
            async with self._turns.turn(host, limit):
                found = await self._get(target, headers, host)
            if isinstance(found, bytes):
                return found
            target = redirected_url(target, found)
            host = host_of(str(target))
        raise FetchError("too_many_redirects", TOO_MANY_REDIRECTS)

    async def _get(self, url: httpx.URL, headers: dict[str, str], host: str) -> bytes | str:
        """The body, or the location that the server redirects to."""
        # As it stands: yarl would decode and encode it again, and break signed URLs.
        target = URL(str(url), encoded=True)
        async with self._session.get(target, headers=headers, allow_redirects=False) as answer:
            location = answer.headers.get("Location", "")
            redirected = answer.status in _REDIRECTS and location
            if not redirected and not 200 <= answer.status < 300:
                wait = retry_after(answer.headers) if may_pass(answer.status) else None
                words = refusal(answer.status, wait)
                raise FetchError(f"http_{answer.status}", words, wait, host)
            self._check_robots(answer)
            return location if redirected else await self._body(answer)

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        body = Body(answer.headers, self._max_bytes)
        async for chunk in answer.content.iter_any():
            body.add(chunk)
        return body.finish()

    def _check_robots(self, answer: aiohttp.ClientResponse) -> None:
        if self._ignore_robots_tag:
            return
        reason = forbidden_by(answer.headers.getall("X-Robots-Tag", ()))
        if reason:
            raise FetchError(
                reason,
                f"The server forbids this use of the photo (X-Robots-Tag: {reason}). If you may "
                "use it nevertheless, set PHOTOSEEK_IGNORE_ROBOTS_TAG=true.",
            )


@contextmanager
def _failures_explained(seconds: float) -> Iterator[None]:
    try:
        yield
    except PhotoError as error:
        raise FetchError.of(error) from error
    except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch) as error:
        raise FetchError("bad_certificate", f"No secure connection ({_brief(error)}).") from error
    except (httpx.InvalidURL, aiohttp.InvalidURL, ValueError) as error:
        raise FetchError("bad_url", BAD_URL) from error
    except aiohttp.ServerTimeoutError as error:
        raise FetchError("timeout", "The server does not answer.") from error
    except TimeoutError as error:
        raise FetchError(
            "timeout",
            f"The server took longer than {seconds:g} s in all. Raise PHOTOSEEK_FETCH_SECONDS.",
        ) from error
    except OSError as error:  # aiohttp's own among them
        raise FetchError(
            "unreachable", f"The server cannot be reached ({_brief(error)})."
        ) from error
    except (aiohttp.ClientError, aiohttp.http_exceptions.HttpProcessingError) as error:
        raise FetchError(
            "broken_answer", "The answer of the server breaks off or is damaged."
        ) from error


def _brief(error: Exception) -> str:
    """What is wrong, without the URL: it may hold secrets."""
    error = getattr(error, "certificate_error", error)
    words = getattr(error, "verify_message", "") or getattr(error, "strerror", "")
    return str(words or type(error).__name__)[:120]
