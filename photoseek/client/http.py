"""Requests to one gateway, and errors as what they mean."""

from __future__ import annotations

import ssl
from functools import cached_property
from typing import Any

import httpx
from typing_extensions import override

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

PATIENCE = 60
"""How often a request is sent again to a gateway that asks to wait. Of many that wait, some have to
let others go first each time.
"""

_LONGEST_PAUSE = 60.0

_KINDS: dict[int, type[PhotoseekError]] = {
    404: QueryError,
    409: ModelMismatchError,
    413: QueryError,
    422: QueryError,
    503: PartDownError,
    507: StoreWriteError,
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
        timeout = httpx.Timeout(timeout_seconds, connect=5)
        headers = {"X-API-Key": api_key} if api_key else {}
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # whose certificates are trusted
        self._http = httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=timeout,
            trust_env=False,
            transport=_Encrypted(),
            mounts={"http://": httpx.HTTPTransport(verify=nobody, trust_env=False)},
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
            return self._http.get("/readyz", timeout=5).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """The answer to a request, redirects followed.

        Raises:
            ServiceError: the gateway cannot be reached, and what a problem means.
        """
        try:
            attempts = Attempts(PATIENCE, Pauses(first=1, longest=_LONGEST_PAUSE))
            while True:
                response = self._http.request(method, path, follow_redirects=True, **arguments)
                if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                    break
                wait = response.headers.get("Retry-After", "")
                seconds = min(float(wait), _LONGEST_PAUSE) if wait.isdecimal() else None
                attempts.failed(_error(response), wait=seconds)
        except httpx.TimeoutException as error:
            raise ServiceError(f"The gateway at {self.url} took too long to answer.") from error
        except httpx.HTTPError as error:
            raise ServiceError(
                f"No gateway answers at {self.url} ({error}). Start one with: {command('serve')}"
            ) from error
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise ServiceError(
                f"The gateway at {self.url} wants its key. "
                "Set PHOTOSEEK_API_KEY to it, or give it as api_key."
            )
        if response.is_error:
            raise _error(response)
        return response


def _error(response: httpx.Response) -> PhotoseekError:
    try:
        problem = response.json()
        detail = problem["detail"]
    except (ValueError, KeyError, TypeError):
        problem, detail = {}, response.text[:200] or response.reason_phrase
    if response.status_code == httpx.codes.CONFLICT and "id" in problem:
        return DuplicatePhotoError(str(detail), str(problem["id"]))
    return _KINDS.get(response.status_code, ServiceError)(str(detail))
