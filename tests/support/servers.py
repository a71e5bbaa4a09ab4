"""Web servers on this machine that behave as tests need it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class HeldBackPhoto:
    """Serves one picture at `url`, and only once `allowed` is set. `asked` says that it was."""

    def __init__(self, picture: bytes) -> None:
        self.asked = threading.Event()
        self.allowed = threading.Event()
        held_back = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                held_back.asked.set()
                if not held_back.allowed.wait(60):
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(picture)))
                self.end_headers()
                self.wfile.write(picture)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}/photo.jpg"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.allowed.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
