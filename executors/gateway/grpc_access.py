"""The gateway's key over gRPC, as the metadata `x-api-key`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc

from executors.gateway.access import NOT_FOR_OTHERS, WRONG, Access
from executors.gateway.calls import READING_ENDPOINTS

OPEN_SERVICES = (
    "grpc.health.",
    "grpc.reflection.",
    "jina.JinaDiscoverEndpointsRPC",
    "jina.JinaGatewayDryRunRPC",
    "jina.JinaInfoRPC",
)
"""What needs no key: it tells nothing of the photos, and Jina asks it to see what is up."""

METADATA = "x-api-key"
NEEDED = f"This needs the gateway's key: send it as the metadata `{METADATA}`."


class KeyInterceptor(grpc.aio.ServerInterceptor):
    """Refuses with UNAUTHENTICATED what needs the key and comes without."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def intercept_service(
        self,
        continuation: Callable[[Any], Awaitable[Any]],
        handler_call_details: Any,
    ) -> Any:
        """Called by gRPC for each call; a request itself is seen when it is read."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method.removeprefix("/")
        if handler is None or method.startswith(OPEN_SERVICES):
            return handler
        metadata = dict(handler_call_details.invocation_metadata)
        if self._access.is_for_others(metadata):
            return _guarded(handler, False, NOT_FOR_OTHERS)
        given = metadata.get(METADATA)
        if self._access.needed == "none" or (given is not None and self._access.is_key(given)):
            return handler
        refusal = NEEDED if given is None else WRONG
        return _guarded(handler, self._access.needed == "write", refusal)


def _guarded(handler: Any, reading_allowed: bool, refusal: str) -> Any:
    """The handler for those without the key: it answers what reads, where that is allowed."""

    def allowed(request: Any) -> bool:
        endpoint = getattr(getattr(request, "header", None), "exec_endpoint", None)
        return reading_allowed and endpoint in READING_ENDPOINTS

    async def refuse(context: Any) -> None:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, refusal)

    async def unary(request: Any, context: Any) -> Any:
        if not allowed(request):
            await refuse(context)
        return await handler.unary_unary(request, context)

    async def unary_stream(request: Any, context: Any) -> AsyncIterator[Any]:
        if not allowed(request):
            await refuse(context)
        async for response in handler.unary_stream(request, context):
            yield response

    async def stream(requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        refused = False

        async def until_refused() -> AsyncIterator[Any]:
            nonlocal refused
            async for request in requests:
                if not allowed(request):
                    refused = True
                    return
                yield request

        async for response in handler.stream_stream(until_refused(), context):
            yield response
        if refused:
            await refuse(context)

    return handler._replace(
        unary_unary=handler.unary_unary and unary,
        unary_stream=handler.unary_stream and unary_stream,
        stream_unary=None,  # Jina has no such method
        stream_stream=handler.stream_stream and stream,
    )
