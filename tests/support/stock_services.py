"""Unsplash and Pexels on this machine: pages, keys and limits as their documentation has them."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.web_server import QuietHandler, QuietServer, serving

KEY = "abcDEF-123_secret"


@dataclass(frozen=True)
class Fault:
    """An answer in place of the right one."""

    status: int
    body: bytes = b'{"errors": ["no"]}'
    headers: dict[str, str] = field(default_factory=dict)


class StockServer(QuietServer):
    """Answers as both services; each of `faults` spoils one request.

    `asked` are the paths with their queries, `sent` the headers of each request, and `limits`
    the rate limit headers of every right answer. `images` is where downloads are sent.
    """

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.photos: list[Any] = []
        self.faults: deque[Fault] = deque()
        self.asked: list[str] = []
        self.sent: list[dict[str, str]] = []
        self.limits: dict[str, str] = {}
        self.images = "https://images.unsplash.com"

    @property
    def pages(self) -> list[int]:
        return [int(parse_qs(urlsplit(path).query)["page"][0]) for path in self.asked]


@contextmanager
def running_stock() -> Iterator[StockServer]:
    with serving(StockServer()) as server:
        yield server


class _Handler(QuietHandler):
    server: StockServer

    def do_GET(self) -> None:  # noqa: N802
        server = self.server
        server.asked.append(self.path)
        server.sent.append({name.lower(): value for name, value in self.headers.items()})
        if server.faults:
            fault = server.faults.popleft()
            self._answer(fault.status, fault.body, fault.headers)
            return
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        authorization = self.headers.get("Authorization", "")
        if url.path == "/v1/search":
            allowed, answer = authorization == KEY, self._pexels
        else:
            right = self.headers.get("Accept-Version") == "v1"
            allowed, answer = right and authorization == f"Client-ID {KEY}", self._unsplash
        if not allowed:
            self._answer(401, b'{"errors": ["OAuth error: The access token is invalid"]}', {})
            return
        body = json.dumps(answer(url.path, query)).encode()
        self._answer(200, body, {"Content-Type": "application/json", **server.limits})

    def _unsplash(self, path: str, query: dict[str, str]) -> Any:
        if path.endswith("/download"):
            return {"url": f"{self.server.images}/{path.split('/')[2]}?ixid={_ixid()}&dl=1"}
        photos, size = self.server.photos, int(query["per_page"])
        assert size <= 30
        start = (int(query["page"]) - 1) * size
        return {
            "total": len(photos),
            "total_pages": -(-len(photos) // size),
            "results": [self._with_ixid(photo) for photo in photos[start : start + size]],
        }

    def _with_ixid(self, photo: Any) -> Any:
        text = json.dumps(photo).replace("IXID", _ixid()).replace("API", self.server.url)
        return json.loads(text)

    def _pexels(self, path: str, query: dict[str, str]) -> Any:
        photos, size, page = self.server.photos, int(query["per_page"]), int(query["page"])
        assert size <= 80
        start = (page - 1) * size
        answer = {
            "page": page,
            "per_page": size,
            "photos": photos[start : start + size],
            "total_results": len(photos),
        }
        if start + size < len(photos):  # the API gives this on all pages but the last
            answer["next_page"] = f"https://api.pexels.com/v1/search/?page={page + 1}"
        return answer

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _ixid() -> str:
    """Unsplash's tracking: never the same twice."""
    return f"M3wxMjA3fDB8MXxzZWFyY2h8{time.time_ns()}"


def unsplash_photo(number: int, **changes: Any) -> dict[str, Any]:
    name = f"u{number:03}"
    return {
        "id": name,
        "updated_at": "2026-05-01T10:00:00Z",
        "width": 4000,
        "height": 3000,
        "description": None,
        "alt_description": f"red car {number}",
        "urls": {"raw": f"https://images.unsplash.com/photo-{name}?ixid=IXID&ixlib=rb-4.0.3"},
        "links": {
            "html": f"https://unsplash.com/photos/{name}",
            "download_location": f"API/photos/{name}/download?ixid=IXID",
        },
        "user": {"name": "Ada Lovelace", "links": {"html": "https://unsplash.com/@ada"}},
        "tags": [{"type": "search", "title": "car"}, {"type": "search", "title": "red"}],
        **changes,
    }


def pexels_photo(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": 1000 + number,
        "width": 3024,
        "height": 4032,
        "url": f"https://www.pexels.com/photo/red-car-{1000 + number}/",
        "photographer": "Grace Hopper",
        "photographer_url": "https://www.pexels.com/@grace",
        "avg_color": "#978E82",
        "src": {"large": f"https://images.pexels.com/photos/{1000 + number}/p.jpeg?h=650&w=940"},
        "alt": "Red car\n on a street",
        **changes,
    }
