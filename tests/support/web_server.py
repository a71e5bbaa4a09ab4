"""A real HTTP server on a free port, with a route for everything that a server may do."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

BODY = bytes(range(256)) * 40


class QuietServer(ThreadingHTTPServer):
    """A server on a free port of this machine; `released` is set when it stops."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.released = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what these tests are about."""


Server = TypeVar("Server", bound=QuietServer)


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Inside, a server answers."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


class QuietHandler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Tests keep quiet."""

    def answer(self, code: int, body: bytes = b"", **headers: str) -> None:
        """Answer with a body; "_" in the name of a header stands for "-"."""
        self.send_response(code)
        headers.setdefault("Content_Length", str(len(body)))
        for name, value in headers.items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class PhotoServer(QuietServer):
    """Counts the calls of each path."""

    def __init__(self, routes: Mapping[str, Route] | None = None) -> None:
        """`routes` come before the ones below; that of "" answers what nobody else does."""
        super().__init__(Handler)
        self.routes = {"": _missing, **_ROUTES, **(routes or {})}
        self.calls: Counter[str] = Counter()
        self.connections = 0
        self.headers_seen: list[dict[str, str]] = []

    def finish_request(self, request: object, client_address: object) -> None:
        self.connections += 1
        super().finish_request(request, client_address)  # type: ignore[arg-type]


@contextmanager
def running_server(routes: Mapping[str, Route] | None = None) -> Iterator[PhotoServer]:
    with serving(PhotoServer(routes)) as server:
        yield server


class Handler(QuietHandler):
    protocol_version = "HTTP/1.1"
    server: PhotoServer

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.calls[path] += 1
        self.server.headers_seen.append(dict(self.headers))
        self.server.routes.get(path, self.server.routes[""])(self)

    do_HEAD = do_GET  # noqa: N815

    def failing(self, times: int, code: int, **headers: str) -> None:
        if self.server.calls[self.path] <= times:
            self.answer(code, b"no", **headers)
        else:
            self.answer(200, BODY)

    def drip(self, start: bytes) -> None:
        """Send one byte now and then until the client or the test gives up."""
        self.close_connection = True
        self.wfile.write(start)
        while not self.server.released.wait(0.05):
            self.wfile.write(b"x")
            self.wfile.flush()

    def endless(self, encoding: str = "") -> None:
        self.close_connection = True
        self.send_response(200)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.send_header("Connection", "close")
        self.end_headers()
        while not self.server.released.is_set():
            self.wfile.write(b"x" * 65536)


Route = Callable[[Handler], None]


def _missing(handler: Handler) -> None:
    handler.answer(404, b"nothing here")


def _silent(handler: Handler) -> None:
    handler.close_connection = True
    handler.server.released.wait()


def _short(handler: Handler) -> None:
    handler.close_connection = True
    handler.answer(200, BODY[:100], Content_Length=str(len(BODY)))


def _garbage(handler: Handler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"220 this is not HTTP\r\n\r\n")


def _redirect_with_endless_body(handler: Handler) -> None:
    handler.close_connection = True
    handler.send_response(302)
    handler.send_header("Location", "/photo.jpg")
    handler.end_headers()
    while not handler.server.released.is_set():
        handler.wfile.write(b"x" * 65536)


def _soon() -> str:
    return format_datetime(datetime.now(UTC) - timedelta(seconds=5), usegmt=True)


@cache
def _bomb() -> bytes:
    return gzip.compress(b"\0" * 50_000_000)


_ROUTES: dict[str, Route] = {
    "/photo.jpg": lambda h: h.answer(200, BODY, Set_Cookie="track=1"),
    "/empty": lambda h: h.answer(200),
    "/gzip": lambda h: h.answer(200, gzip.compress(BODY), Content_Encoding="gzip"),
    "/deflate": lambda h: h.answer(200, zlib.compress(BODY), Content_Encoding="deflate"),
    "/br": lambda h: h.answer(200, BODY, Content_Encoding="br"),
    "/two-gzips": lambda h: h.answer(
        200,
        gzip.compress(BODY[:9]) + gzip.compress(BODY[9:]) + b"\0\0",
        Content_Encoding="gzip",
    ),
    "/bomb": lambda h: h.answer(200, _bomb(), Content_Encoding="gzip"),
    "/bad-gzip": lambda h: h.answer(200, b"\x1f\x8b\x08" + BODY, Content_Encoding="gzip"),
    "/half-gzip": lambda h: h.answer(200, gzip.compress(BODY)[:50], Content_Encoding="gzip"),
    "/large": lambda h: h.answer(200, b"x" * 3_000_000),
    "/endless": lambda h: h.endless(),
    "/403": lambda h: h.answer(403, b"no"),
    "/599": lambda h: h.answer(599, b"no"),
    "/500": lambda h: h.answer(500, b"no"),
    "/flaky": lambda h: h.failing(2, 500),
    "/busy": lambda h: h.failing(1, 429, Retry_After="0"),
    "/busy-until": lambda h: h.failing(1, 503, Retry_After=_soon()),
    "/busy-beyond-time": lambda h: h.failing(
        1, 503, Retry_After="Fri, 31 Dec 2024 23:59:59 +99999999999999999"
    ),
    "/522": lambda h: h.failing(1, 522),
    "/408": lambda h: h.failing(1, 408),
    "/busy-oddly": lambda h: h.failing(1, 503, Retry_After="when I like"),
    "/busy-for-long": lambda h: h.answer(429, b"no", Retry_After="3600"),
    "/short": _short,
    "/silent": _silent,
    "/garbage": _garbage,
    "/drip-head": lambda h: h.drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
    "/drip-body": lambda h: h.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
    "/to-photo": lambda h: h.answer(302, Location="/photo.jpg"),
    "/to-endless": _redirect_with_endless_body,
    "/loop": lambda h: h.answer(302, Location="/loop"),
    "/nowhere": lambda h: h.answer(302, Location=""),
    "/to-ftp": lambda h: h.answer(302, Location="ftp://example.com/photo.jpg"),
    "/to-file": lambda h: h.answer(302, Location="file:///etc/passwd"),
    "/to-nonsense": lambda h: h.answer(302, Location="http://[:::1/"),
    "/to-odd-host": lambda h: h.answer(302, Location="http://xn--a.invalid/"),
    "/to-loopback": lambda h: h.answer(
        302, Location=f"http://127.0.0.1:{h.server.server_port}/photo.jpg"
    ),
    "/to-metadata": lambda h: h.answer(302, Location="http://169.254.169.254/latest/meta-data/"),
}
