"""Photos for downloads, served by the server that the tests of `fetch` have."""

from __future__ import annotations

import gzip
import io
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from tests.support.web_server import Handler, PhotoServer, Route, running_server


def picture(number: int, kind: str = "PNG") -> bytes:
    """A small picture; every number has another one."""
    colour = (number & 255, number >> 8 & 255, number >> 16 & 255)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(buffer, kind)
    return buffer.getvalue()


def _numbered(handler: Handler) -> None:
    """/17.png is the picture of that number."""
    name = handler.path.strip("/").partition(".")[0]
    if name.isdecimal():
        handler.answer(200, picture(int(name)))
    else:
        handler.answer(404, b"nothing here")


def _reset(handler: Handler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of")
    handler.wfile.flush()
    # Closing with this set sends RST where others send FIN.
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def _flaky(code: int, times: int, **headers: str) -> Route:
    def answer(handler: Handler) -> None:
        if handler.server.calls[handler.path] <= times:
            handler.answer(code, b"no", **headers)
        else:
            handler.answer(200, picture(900_000 + code + times))

    return answer


def _tagged(*values: str) -> Route:
    def answer(handler: Handler) -> None:
        body = picture(800_000)
        handler.send_response(200)
        for value in values:
            handler.send_header("X-Robots-Tag", value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


ROUTES: dict[str, Route] = {
    "": _numbered,
    "/gzipped": lambda h: h.answer(200, gzip.compress(picture(1)), Content_Encoding="gzip"),
    "/typed-wrongly": lambda h: h.answer(200, picture(2, "JPEG"), Content_Type="text/html"),
    "/page": lambda h: h.answer(200, b"<!doctype html><p>Hello", Content_Type="image/jpeg"),
    "/half": lambda h: h.answer(200, picture(3)[:20], Content_Type="image/png"),
    "/to-1": lambda h: h.answer(302, Location="/1.png"),
    "/to-to-1": lambda h: h.answer(301, Location="/to-1"),
    "/reset": _reset,
    "/500-once": _flaky(500, 1),
    "/429-once": _flaky(429, 1, Retry_After="0"),
    "/522-once": _flaky(522, 1),
    "/503-once": _flaky(503, 1, Retry_After="Fri, 31 Dec 2024 23:59:59 +99999999999999999"),
    "/noai": _tagged("noai, noimageai"),
    "/noindex": _tagged("max-image-preview: large", "NOINDEX"),
    "/photo%20of%20gr%C3%BCn.png": lambda h: h.answer(200, picture(4)),
}


@contextmanager
def photo_server() -> Iterator[PhotoServer]:
    """A running server; its `calls` count the requests by path."""
    with running_server(ROUTES) as server:
        yield server
