"""What may come in over gRPC: messages that can be read, of a bounded size, cleared of the rest."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from jina.proto import jina_pb2

from photoseek.flow import bounds
from photoseek.flow.jina_errors import error_in_words
from photoseek.flow.wire import MAX_FIELDS, count_fields
from photoseek.gateway.middleware.proxies import as_address
from photoseek.gateway.middleware.rate_limit import Limiter
from photoseek.gateway.problems import Problem
from photoseek.gateway.work import TooMuchError

CLOSED_SERVICES = (
    "jina.JinaInfoRPC",  # tells of this machine, its programs and its variables
    "jina.JinaDiscoverEndpointsRPC",  # is for gateways in front of executors
    "jina.JinaSingleDocumentRequestRPC",  # no endpoint of ours is of this kind
)

OPEN_SERVICES = ("grpc.health.", "grpc.reflection.", "jina.JinaGatewayDryRunRPC")
"""What needs no key and is not counted: it tells nothing of the photos, takes no documents and
little time, and Jina asks it to see what is up.
"""

MAX_REQUEST_ID = 200
QUICKLY_COUNTED = 16_384
"""Bytes of a message whose fields are counted without going to a thread."""

Check = Callable[[Any, Any], Awaitable[None]]
"""Looks at a request in its context. Raises RefusedError."""


class RefusedError(Exception):
    """A request that is not answered, with gRPC's code and the reason in words."""

    def __init__(self, code: grpc.StatusCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class RequestCheck(grpc.aio.ServerInterceptor):
    """Refuses what cannot be read, asks for too much, or comes too often."""

    def __init__(self, endpoints: Collection[str], limiter: Limiter | None) -> None:
        self._endpoints = endpoints
        self._limiter = limiter

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any
    ) -> Any:
        """Called by gRPC for each call; a request itself is seen when it is read."""
        method = handler_call_details.method.removeprefix("/")
        if method.startswith(CLOSED_SERVICES):
            return None  # UNIMPLEMENTED
        handler = await continuation(handler_call_details)
        if handler is None or method.startswith(OPEN_SERVICES):
            return handler
        return checked(handler, self._check, after=tell_errors_in_words)

    async def _check(self, request: Any, context: Any) -> None:
        client = client_of(context)
        await self._take(client, 1)
        if not hasattr(request, "buffer"):  # none of Jina's requests, but an empty message
            return
        try:
            proto = await _parsed(request)
            endpoint = proto.header.exec_endpoint
            self._check_header(proto.header)
            asked = [bounds.asked_of_message(endpoint, doc) for doc in proto.data.docs.docs]
            bounds.check(endpoint, asked)
        except DecodeError:
            raise _wrong("The message is no request of Jina.") from None
        except TooMuchError as error:
            raise _wrong(str(error)) from error
        _clear(proto)
        await self._take(client, bounds.units(endpoint, asked), after=1)

    def _check_header(self, header: Any) -> None:
        if header.exec_endpoint not in self._endpoints:
            given = header.exec_endpoint[:MAX_REQUEST_ID]
            known = ", ".join(sorted(self._endpoints))
            raise _wrong(f"There is no endpoint {given!r}. There are {known}.")
        if len(header.request_id) > MAX_REQUEST_ID:
            raise _wrong(f"The request_id has more than {MAX_REQUEST_ID} characters.")

    async def _take(self, client: str, units: int, after: int = 0) -> None:
        if self._limiter is not None:
            try:
                await self._limiter.take(client, units, after)
            except Problem as problem:
                code = grpc.StatusCode.RESOURCE_EXHAUSTED
                raise RefusedError(code, problem.detail) from problem


def checked(handler: Any, check: Check, after: Callable[[Any], None] = lambda _: None) -> Any:
    """The handler of a method that answers only the requests that pass a check.

    `after` is handed each answer before it is sent.
    """

    async def refuse(error: RefusedError, context: Any) -> None:
        await context.abort(error.code, error.reason)

    async def unary(request: Any, context: Any) -> Any:
        try:
            await check(request, context)
        except RefusedError as error:
            await refuse(error, context)
        response = await handler.unary_unary(request, context)
        after(response)
        return response

    async def unary_stream(request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            await check(request, context)
        except RefusedError as error:
            await refuse(error, context)
        async for response in handler.unary_stream(request, context):
            after(response)
            yield response

    async def stream(requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        refused: RefusedError | None = None

        async def until_refused() -> AsyncIterator[Any]:
            nonlocal refused
            async for request in requests:
                try:
                    await check(request, context)
                except RefusedError as error:
                    refused = error
                    return
                yield request

        async for response in handler.stream_stream(until_refused(), context):
            after(response)
            yield response
        if refused is not None:
            await refuse(refused, context)

    return handler._replace(
        unary_unary=handler.unary_unary and unary,
        unary_stream=handler.unary_stream and unary_stream,
        stream_unary=None,  # Jina has no such method
        stream_stream=handler.stream_stream and stream,
    )


def client_of(context: Any) -> str:
    """The address of who calls, out of such as ipv4:10.0.0.7:4711 and ipv6:%5B::1%5D:4711."""
    host = context.peer().partition(":")[2].rpartition(":")[0]
    for mark in ("%5B", "%5D", "[", "]"):
        host = host.replace(mark, "")
    return str(as_address(host) or host)


def tell_errors_in_words(response: Any) -> None:
    """Put a sentence in the place of an executor's traceback, which tells of files of ours."""
    status = response.proto_wo_data.header.status if hasattr(response, "proto_wo_data") else None
    if status is not None and status.code == jina_pb2.StatusProto.ERROR:
        status.description = error_in_words(status)
        del status.exception.stacks[:]


async def _parsed(request: Any) -> Any:
    """The message of a request that arrived as bytes.

    Raises:
        DecodeError: they are no such message.
        RefusedError: it has more fields than a request may have.
    """
    data = request.buffer
    if not data:
        raise DecodeError
    message = jina_pb2.DataRequestProto.DESCRIPTOR
    if len(data) > QUICKLY_COUNTED:
        fields = await asyncio.to_thread(count_fields, data, message)
    else:
        fields = count_fields(data, message)
    if fields > MAX_FIELDS:
        raise _wrong(
            f"The message has more than {MAX_FIELDS} fields. Send its documents in several."
        )
    proto = request.proto_with_data
    if proto.data.WhichOneof("documents") == "docs_bytes":
        raise _wrong("Send the documents as `docs`, not as `docs_bytes`.")
    return proto


def _clear(proto: Any) -> None:
    """Take from a request all that Jina would act upon and nothing of ours needs."""
    for name in ("parameters", "routes"):
        proto.ClearField(name)
    for name in ("status", "target_executor", "timeout"):
        proto.header.ClearField(name)
    proto.DiscardUnknownFields()


def _wrong(reason: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, reason)
