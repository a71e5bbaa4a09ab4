"""Bytes in memory, of which a client may ask for a part (RFC 9110, 14), as it may of a file."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class BytesInParts(Response):
    """An answer with an `ETag`: all of it, or the one range that is asked for.

    Several ranges at once get all of it, which a client has to understand anyway.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is asked for."""
        self.headers["Accept-Ranges"] = "bytes"
        asked = Headers(scope=scope)
        found = _ONE_RANGE.fullmatch(asked.get("range", "").strip())
        is_newer = asked.get("if-range", self.headers["etag"]) != self.headers["etag"]
        if found and any(found.groups()) and not is_newer:
            self._cut(found[1], found[2])
        await super().__call__(scope, receive, send)

    def _cut(self, first: str, last: str) -> None:
        data, size = bytes(self.body), len(self.body)
        start = int(first) if first else max(0, size - int(last))
        end = min(size, int(last) + 1) if first and last else size
        if first and last and int(last) < int(first):
            return  # no range, and so not asked for
        if start >= end:
            self.status_code, self.body = 416, b""
            self.headers["Content-Range"] = f"bytes */{size}"
        else:
            self.status_code, self.body = 206, data[start:end]
            self.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        self.headers["Content-Length"] = str(len(self.body))
