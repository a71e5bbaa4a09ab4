"""A limit on request bodies that counts what really arrives, chunked bodies too."""

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from executors.gateway.problems import Problem, refuse


class BodyLimit:
    """ASGI middleware that answers 413 to a body of more than `max_bytes`."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its body stays within the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self._max_bytes:
            await refuse(self._too_large(), scope, receive, send)
            return
        received = 0
        answered = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message if received <= self._max_bytes else {"type": "http.disconnect"}

        async def guarded(message: Message) -> None:
            nonlocal answered
            if received <= self._max_bytes:
                await send(message)
            elif not answered:  # whatever the application makes of its cut-off body
                answered = True
                await refuse(self._too_large(), scope, receive, send)

        try:
            await self._app(scope, counted, guarded)
        except ClientDisconnect:  # a route that reads its cut-off body itself
            if received <= self._max_bytes:
                raise
            if not answered:
                await refuse(self._too_large(), scope, receive, send)

    def _too_large(self) -> Problem:
        text = f"The body is larger than {self._max_bytes / 1e6:.0f} MB. "
        text += "Raise PHOTOSEEK_MAX_REQUEST_MEGABYTES, or send less at once."
        return Problem(413, text, headers={"Connection": "close"})
