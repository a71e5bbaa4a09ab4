"""A real S3 server on this machine, and one in front of it that makes mistakes."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from botocore.utils import parse_to_aware_datetime
from moto import backends
from moto.core import serialize
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal.models import moto_api_backend
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

from tests.support.web_server import QuietHandler, QuietServer, serving

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "photoseek",
    "AWS_SECRET_ACCESS_KEY": "not a secret",
    "AWS_DEFAULT_REGION": "us-east-1",
}


_MODULES = tuple(backends.list_of_moto_modules())
_read_time = lru_cache(10_000)(parse_to_aware_datetime)


@contextmanager
def running_s3(*, delay: float = 0.0) -> Iterator[str]:
    """The URL of an S3 server. Objects that are asked for wait so many seconds."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line for every request
    backends.list_of_moto_modules = lambda: _MODULES  # else it looks through its folder each time
    # Else a third of a listing goes there.
    serialize.parse_to_aware_datetime = _read_time
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    assert server._server is not None
    # Its "create only if it is not there" asks first and creates then: one request at a time.
    lock, app = threading.Lock(), server._server.app

    def one_by_one(environment: Any, start: Any) -> Any:
        if delay and environment["REQUEST_METHOD"] == "GET":
            time.sleep(delay)
        with lock:
            return app(environment, start)

    server._server.app = one_by_one
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def make_bucket(url: str, name: str) -> None:
    httpx.put(f"{url}/{name}").raise_for_status()  # not with boto3, which takes half a second


def forget_everything() -> None:
    """Empty the cloud of this process, which all its servers share, of buckets and all else."""
    moto_api_backend.reset()


def put_many(bucket: str, keys: Iterable[str]) -> None:
    """Put objects of one byte into the server's memory directly; over HTTP it takes minutes."""
    for key in keys:
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object(bucket, key, b"x")


@dataclass(frozen=True)
class Fault:
    """What happens to one request: an error answer, silence, a body cut short, without end or with
    silence in its middle, or an answer that is lost after the server did what it was asked.
    """

    status: int = 0
    code: str = ""
    region: str = ""
    hangs: bool = False
    cut: bool = False
    drips: bool = False
    stalls: bool = False
    loses: bool = False


@dataclass(frozen=True)
class Request:
    """What the S3 server was asked. `path` has the query, names of headers are lower case, and
    only a POST has its body.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FaultyS3(QuietServer):
    """Passes requests on to an S3 server; each of `faults` spoils one request with its method.

    `delay` is added to every request, in seconds. `calls` counts requests by method, and `seen`
    has each with its path, query and headers.
    """

    target: str
    method: str = "GET"
    delay: float = 0.0
    faults: deque[Fault] = field(default_factory=deque)
    calls: Counter[str] = field(default_factory=Counter)
    seen: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(_Handler)

    __hash__ = QuietServer.__hash__


@contextmanager
def running_proxy(target: str, *, delay: float = 0.0) -> Iterator[FaultyS3]:
    with serving(FaultyS3(target, delay=delay)) as proxy:
        yield proxy


class _Handler(QuietHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FaultyS3

    def setup(self) -> None:
        super().setup()
        self._upstream = http.client.HTTPConnection(urlsplit(self.server.target).netloc)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def do_GET(self) -> None:  # noqa: N802
        server = self.server
        server.calls[self.command] += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        sent = body if self.command == "POST" else b""
        server.seen.append(Request(self.command, self.path, headers, sent))
        if server.delay:
            time.sleep(server.delay)
        fault = server.faults.popleft() if self._is_spoilt() else None
        if fault and fault.hangs:
            self.close_connection = True
            server.released.wait()
        elif fault and fault.drips:
            self._drip()
        elif fault and fault.status:
            self._refuse(fault)
        else:
            self._pass_on(body, fault or Fault())

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815

    def _is_spoilt(self) -> bool:
        return bool(self.server.faults) and self.command == self.server.method

    def _drip(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Length", "50000000")
        self.end_headers()
        while not self.server.released.wait(0.05):
            self.wfile.write(b"x" * 70_000)

    def _refuse(self, fault: Fault) -> None:
        text = f"<Error><Code>{fault.code}</Code><Message>no</Message></Error>".encode()
        self.send_response(fault.status)
        if fault.region:
            self.send_header("x-amz-bucket-region", fault.region)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def _pass_on(self, body: bytes, fault: Fault) -> None:
        self._upstream.putrequest(
            self.command, self.path, skip_host=True, skip_accept_encoding=True
        )
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect"):
                self._upstream.putheader(name, value)
        self._upstream.endheaders(body)
        answer = self._upstream.getresponse()
        content = answer.read()
        if fault.loses:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "server"):
                self.send_header(name, value)
        length = answer.getheader("Content-Length") or str(len(content))
        self.send_header("Content-Length", length)
        self.end_headers()
        broken = fault.cut or fault.stalls
        self.wfile.write(content[: len(content) // 2] if broken else content)
        if fault.stalls:
            self.server.released.wait()
        if broken:
            self.close_connection = True
