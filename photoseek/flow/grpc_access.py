"""The gateway's key over gRPC, as the metadata `x-api-key`."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from photoseek.flow.grpc_requests import OPEN_SERVICES, RefusedError, checked, client_of
from photoseek.gateway.access import NOT_FOR_OTHERS, WRONG, Access
from photoseek.gateway.problems import Problem
from photoseek.gateway.route_policy import READING_ENDPOINTS

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
        given = metadata.get(METADATA)
        for_others = self._access.is_for_others(metadata)
        if self._access.needed == "none" and not for_others:
            return handler

        async def check(request: Any, context: Any) -> None:
            if for_others:
                raise RefusedError(grpc.StatusCode.UNAUTHENTICATED, NOT_FOR_OTHERS)
            endpoint = getattr(getattr(request, "header", None), "exec_endpoint", None)
            if self._access.needed == "write" and endpoint in READING_ENDPOINTS:
                return
            if given is not None and await self._is_key(given, client_of(context)):
                return
            refusal = NEEDED if given is None else WRONG
            raise RefusedError(grpc.StatusCode.UNAUTHENTICATED, refusal)

        return checked(handler, check)

    async def _is_key(self, given: str, client: str) -> bool:
        try:
            return await self._access.is_key(given, client)
        except Problem as problem:
            raise RefusedError(grpc.StatusCode.RESOURCE_EXHAUSTED, problem.detail) from problem
