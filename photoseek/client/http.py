"""Requests to one gateway, and errors as what they mean."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any, TypeVar

import httpx
from typing_extensions import override

from photoseek.client.asking import Asking, Request
from photoseek.compat.http_locks import mend_locks
from photoseek.errors import (
    DuplicatePhotoError,
    ModelMismatchError,
    PartDownError,
    PhotoseekError,
    QueryError,
    ServiceError,
    StoreWriteError,
)
from photoseek.helpers.program import command
from photoseek.helpers.retry import Attempts, Pauses
from photoseek.settings import is_this_machine

T = TypeVar("T")

PATIENCE = 60
"""How often a request is sent again to a gateway that asks to wait. Of many that wait, some have to
let others go first each time.
"""

PAUSES = Pauses(first=1, longest=60.0)

READY = "/readyz"
READY_SECONDS = 5.0
MOST_BRIEF = 10_000
"""Bytes that are read where anybody's web server may be asked."""

UNPACKED = {"Accept-Encoding": "identity"}

_KINDS: dict[int, type[PhotoseekError]] = {
    404: QueryError,
    409: ModelMismatchError,
    413: QueryError,
    422: QueryError,
    503: PartDownError,
    507: StoreWriteError,
}


def nobody() -> ssl.SSLContext:
    """Whose certificates are trusted where none are looked at."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def options(url: str, api_key: str | None, timeout_seconds: float) -> dict[str, Any]:
    """What both kinds of connection give httpx."""
    return {
        "base_url": url,
        "headers": {"X-API-Key": api_key} if api_key else {},
        "timeout": httpx.Timeout(timeout_seconds, connect=5),
        "trust_env": False,
        "follow_redirects": True,
    }


class _Encrypted(httpx.BaseTransport):
    """HTTPS whose certificates are read at the first request: that takes as long as many requests,
    and a gateway over HTTP needs them for redirects alone.
    """

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._transport.handle_request(request)

    @override
    def close(self) -> None:
        if "_transport" in self.__dict__:
            self._transport.close()

    @cached_property
    def _transport(self) -> httpx.HTTPTransport:
        return httpx.HTTPTransport(trust_env=False)


class Connection:
    """HTTP to one gateway; safe to use from several threads."""

    def __init__(self, url: str, api_key: str | None, timeout_seconds: float) -> None:
        self.url = url.rstrip("/")
        mend_locks()
        self._http = httpx.Client(
            **options(self.url, api_key, timeout_seconds),
            transport=_Encrypted(),
            mounts={"http://": httpx.HTTPTransport(verify=nobody(), trust_env=False)},
        )

    @property
    def is_local(self) -> bool:
        """Whether the gateway is on this machine, by its address."""
        return is_this_machine(self._http.base_url.host)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ready(self) -> bool:
        """True when the gateway and everything behind it answer."""
        try:
            return says_ready(*brief_answer(self._http, READY, READY_SECONDS))
        except httpx.HTTPError:
            return False

    def run(self, asking: Asking[T]) -> T:
        """What is asked for, after all requests that it takes.

        Raises:
            ServiceError: the gateway cannot be reached, and what a problem means.
        """
        try:
            request = next(asking)
            while True:
                try:
                    response = self.send(request)
                except PhotoseekError as error:
                    request = asking.throw(error)
                else:
                    with understood(self.url):
                        request = asking.send(response)
        except StopIteration as end:
            result: T = end.value
            return result

    def send(self, request: Request) -> httpx.Response:
        """The answer to one request, redirects followed.

        Raises:
            ServiceError: the gateway cannot be reached, and what a problem means.
        """
        attempts = Attempts(PATIENCE, PAUSES)
        while True:
            try:
                response = self._http.request(request.method, request.path, **request.arguments)
            except httpx.HTTPError as error:
                raise unreachable(self.url, error) from error
            if not has_to_wait(response):
                return checked(self.url, response)
            attempts.failed(error_of(response), wait=seconds_to_wait(response))


def brief_answer(http: httpx.Client, path: str, seconds: float) -> tuple[int, bytes]:
    """The status and the beginning of the body of whatever answers there, which may be anybody's
    web server and never end.

    Raises:
        httpx.HTTPError: nobody answers, or not in that time.
    """
    end, said = time.monotonic() + seconds, b""
    with http.stream("GET", path, headers=UNPACKED, timeout=seconds) as response:
        for piece in response.iter_bytes():
            said += piece
            if len(said) > MOST_BRIEF or time.monotonic() > end:
                break
    return response.status_code, said


def says_ready(status: int, said: bytes) -> bool:
    """Whether this is what a gateway of photoseek says that is ready: another web server may give
    any page for any path.
    """
    with suppress(ValueError):
        return status == httpx.codes.OK and bool(json.loads(said) == {"status": "ready"})
    return False


@contextmanager
def understood(url: str) -> Iterator[None]:
    """Inside, an answer is taken apart.

    Raises:
        ServiceError: it is none of photoseek's.
    """
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ServiceError(
            f"What answers at {url} does not speak as a gateway of photoseek does: another program "
            "may have that port, or another version of photoseek. Look at what listens there."
        ) from error


def has_to_wait(response: httpx.Response) -> bool:
    """Whether the gateway asks to come again."""
    return response.status_code == httpx.codes.TOO_MANY_REQUESTS


def seconds_to_wait(response: httpx.Response) -> float | None:
    """How long it asks to wait; None where it does not say."""
    wait = response.headers.get("Retry-After", "")
    return min(float(wait), PAUSES.longest) if wait.isdecimal() else None


def unreachable(url: str, error: httpx.HTTPError) -> ServiceError:
    """What to raise where a gateway does not answer."""
    if isinstance(error, httpx.TimeoutException):
        return ServiceError(f"The gateway at {url} took too long to answer.")
    return ServiceError(
        f"No gateway answers at {url} ({error}). Start one with: {command('serve')}"
    )


def checked(url: str, response: httpx.Response) -> httpx.Response:
    """The answer, where it is none of an error.

    Raises:
        PhotoseekError: what the error means.
    """
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise ServiceError(
            f"The gateway at {url} wants its key. "
            "Set PHOTOSEEK_API_KEY to it, or give it as api_key."
        )
    if response.is_error:
        raise error_of(response)
    return response


def error_of(response: httpx.Response) -> PhotoseekError:
    """What a problem document means."""
    try:
        problem = response.json()
        detail = problem["detail"]
    except (ValueError, KeyError, TypeError):
        problem, detail = {}, response.text[:200] or response.reason_phrase
    if response.status_code == httpx.codes.CONFLICT and "id" in problem:
        return DuplicatePhotoError(str(detail), str(problem["id"]))
    return _KINDS.get(response.status_code, ServiceError)(str(detail))
