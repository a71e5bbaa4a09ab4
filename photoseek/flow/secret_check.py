"""The secret by which the gateway's calls are known to the encoder and the indexer.

It travels as metadata of each gRPC call. The two run nothing without it, so that nobody goes around
the gateway and its key by calling them at their own ports.
"""

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from grpc.aio import ClientCallDetails, Metadata

_log = logging.getLogger(__name__)

METADATA = "x-photoseek-parts-secret"
HEALTH = "/grpc.health.v1.Health/Check"
"""The one call that is open: probes make it, and it tells no more than that a part is up."""

NEEDED = (
    "This part answers its own gateway alone. The gateway and its parts need the same "
    "PHOTOSEEK_PARTS_SECRET."
)


class SecretCheck(grpc.aio.ServerInterceptor):
    """Refuses with UNAUTHENTICATED whatever comes without the secret, also what does not exist."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    async def intercept_service(
        self,
        continuation: Callable[[Any], Awaitable[Any]],
        handler_call_details: Any,
    ) -> Any:
        """Called by gRPC for each call, before its request is read."""
        given = dict(handler_call_details.invocation_metadata).get(METADATA, "")
        known = isinstance(given, str) and hmac.compare_digest(self._secret, given.encode())
        if known or handler_call_details.method == HEALTH:
            return await continuation(handler_call_details)
        return grpc.stream_stream_rpc_method_handler(_refuse)  # it answers calls of every kind


async def _refuse(_: AsyncIterator[bytes], context: Any) -> None:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, NEEDED)


class _Unary(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def intercept_unary_unary(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        return await continuation(_with_secret(client_call_details, self._secret), request)


class _UnaryStream(grpc.aio.UnaryStreamClientInterceptor):
    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def intercept_unary_stream(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        return await continuation(_with_secret(client_call_details, self._secret), request)


class _StreamStream(grpc.aio.StreamStreamClientInterceptor):
    """Jina's first call on a connection is of this kind; with a wrong secret it ends there."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._asking: set[asyncio.Task[None]] = set()
        self._told = False

    async def intercept_stream_stream(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        details = _with_secret(client_call_details, self._secret)
        call = await continuation(details, request_iterator)
        if not self._told:
            task = asyncio.create_task(self._tell_refusal(call))
            self._asking.add(task)  # a task that nothing refers to may vanish
            task.add_done_callback(self._asking.discard)
        return call

    async def _tell_refusal(self, call: Any) -> None:
        """Log it once; Jina asks again every second, and calls the part unavailable."""
        if await call.code() is grpc.StatusCode.UNAUTHENTICATED and not self._told:
            self._told = True
            _log.error("A part refuses this gateway. It says: %s", await call.details())


def sending(secret: str) -> list[Any]:
    """What a channel needs to send the secret with each call; gRPC wants one for each kind."""
    return [_Unary(secret), _UnaryStream(secret), _StreamStream(secret)]


def _with_secret(details: ClientCallDetails, secret: str) -> ClientCallDetails:
    metadata = Metadata(*(details.metadata or ()), (METADATA, secret))
    return details._replace(metadata=metadata)
