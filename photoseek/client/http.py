"""Requests to one gateway, and errors as what they mean."""

from __future__ import annotations

from typing import Any

import httpx

from photoseek.errors import (
    DuplicatePhotoError,
    ModelMismatchError,
    PartDownError,
    PhotoseekError,
    QueryError,
    ServiceError,
    StoreWriteError,
)
from photoseek.helpers.retry import Attempts, Pauses

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


class Connection:
    """HTTP to one gateway; safe to use from several threads."""

    def __init__(self, url: str, api_key: str | None, timeout_seconds: float) -> None:
        self.url = url.rstrip("/")
        timeout = httpx.Timeout(timeout_seconds, connect=5)
        headers = {"X-API-Key": api_key} if api_key else {}
        self._http = httpx.Client(
            base_url=self.url, headers=headers, timeout=timeout, trust_env=False
        )

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
                f"No gateway answers at {self.url} ({error}). "
                "Start one with: python app.py -t serve"
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
