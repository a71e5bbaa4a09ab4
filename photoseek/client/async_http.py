"""Requests to one gateway that are awaited; errors mean what they mean in threads."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TypeVar

import httpx
from typing_extensions import override

from photoseek.client.asking import Asking, Request
from photoseek.client.http import (
    MOST_BRIEF,
    PATIENCE,
    PAUSES,
    READY,
    READY_SECONDS,
    UNPACKED,
    checked,
    error_of,
    has_to_wait,
    nobody,
    options,
    says_ready,
    seconds_to_wait,
    understood,
    unreachable,
)
from photoseek.errors import PhotoseekError
from photoseek.helpers.retry import Attempts

T = TypeVar("T")


class _EncryptedLater(httpx.AsyncBaseTransport):
    """HTTPS whose certificates are read at the first request, as in threads."""

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._transport.handle_async_request(request)

    @override
    async def aclose(self) -> None:
        if "_transport" in self.__dict__:
            await self._transport.aclose()

    @cached_property
    def _transport(self) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(trust_env=False)


class AsyncConnection:
    """HTTP to one gateway, in one event loop."""

    def __init__(self, url: str, api_key: str | None, timeout_seconds: float) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.AsyncClient(
            **options(self.url, api_key, timeout_seconds),
            transport=_EncryptedLater(),
            mounts={"http://": httpx.AsyncHTTPTransport(verify=nobody(), trust_env=False)},
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ready(self) -> bool:
        """True when the gateway and everything behind it answer."""
        said = b""
        try:
            async with (
                asyncio.timeout(READY_SECONDS),
                self._http.stream("GET", READY, headers=UNPACKED) as response,
            ):
                async for piece in response.aiter_bytes():
                    said += piece
                    if len(said) > MOST_BRIEF:
                        return False
        except (httpx.HTTPError, TimeoutError):
            return False
        return says_ready(response.status_code, said)

    async def run(self, asking: Asking[T]) -> T:
        """What is asked for, after all requests that it takes.

        Raises:
            ServiceError: the gateway cannot be reached, and what a problem means.
        """
        try:
            request = next(asking)
            while True:
                try:
                    response = await self._send(request)
                except PhotoseekError as error:
                    request = asking.throw(error)
                else:
                    with understood(self.url):
                        request = asking.send(response)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _send(self, request: Request) -> httpx.Response:
        pauses: list[float] = []
        attempts = Attempts(PATIENCE, PAUSES, sleep=pauses.append)
        while True:
            try:
                response = await self._http.request(
                    request.method, request.path, **request.arguments
                )
            except httpx.HTTPError as error:
                raise unreachable(self.url, error) from error
            if not has_to_wait(response):
                return checked(self.url, response)
            attempts.failed(error_of(response), wait=seconds_to_wait(response))
            await asyncio.sleep(pauses.pop())
