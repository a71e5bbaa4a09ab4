"""A limit on request bodies that counts what really arrives, chunked bodies too."""

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photoseek.gateway.problems import Problem, refuse

CLOSE = {"Connection": "close"}

MAX_MEMBERS = 200_000
"""Members of lists and objects in one JSON body; a batch of 512 photos has some 50,000.

To read 96 MB of `[],[],[]` takes seconds, in which nothing else is answered, and 2 GB.
"""


class OneLength:
    """ASGI middleware that answers 400 to a body whose end is told in two ways, and hangs up.

    A proxy in front may believe the other one, and take the rest for somebody's next request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when its length is told once."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if "transfer-encoding" in headers and "content-length" in headers:
                text = "A request has Content-Length or Transfer-Encoding, and not both."
                await refuse(Problem(400, text, headers=CLOSE), scope, receive, send)
                return
        await self._app(scope, receive, send)


class BodyLimit:
    """ASGI middleware that answers 413 to a body of more than `max_bytes`, or of too many parts."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its body stays within the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > self._max_bytes:
            await refuse(self._too_large(), scope, receive, send)
            return
        in_parts = headers.get("content-type", "").lower().startswith("multipart/")
        received = members = 0
        answered = False

        def problem() -> Problem | None:
            if received > self._max_bytes:
                return self._too_large()
            return _too_many() if members > MAX_MEMBERS else None

        async def counted() -> Message:
            nonlocal received, members
            message = await receive()
            body = message.get("body", b"")
            received += len(body)
            if not in_parts:
                members += sum(map(body.count, (b",", b"[", b"{")))
            return {"type": "http.disconnect"} if problem() else message

        async def guarded(message: Message) -> None:
            nonlocal answered
            if (found := problem()) is None:
                await send(message)
            elif not answered:  # whatever the application makes of its cut-off body
                answered = True
                await refuse(found, scope, receive, send)

        try:
            await self._app(scope, counted, guarded)
        except ClientDisconnect:  # a route that reads its cut-off body itself
            if (found := problem()) is None:
                raise
            if not answered:
                await refuse(found, scope, receive, send)

    def _too_large(self) -> Problem:
        text = f"The body is larger than {self._max_bytes / 1e6:.0f} MB. "
        text += "Raise PHOTOSEEK_MAX_REQUEST_MEGABYTES, or send less at once."
        return Problem(413, text, headers=CLOSE)


def _too_many() -> Problem:
    text = f"The body has more than {MAX_MEMBERS} members of lists and objects. "
    return Problem(413, text + "Send less at once.", headers=CLOSE)
