"""What silent, slow and many connections do to the gateway's HTTP: nothing to others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import pytest
import uvicorn

from photoseek.gateway.connections import Connections, Patience, Places
from photoseek.gateway.parsers import PatientH11, quickest_protocol
from photoseek.gateway.patient_protocol import PatientProtocol
from tests.support.waiting import PATIENCE

QUICK = Patience(head=0.3, body=0.3, bytes_per_second=1_000_000, answer=0.3)
NEVER = Patience(head=1e6, body=1e6, bytes_per_second=1, answer=1e6)
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
LARGE = b"x" * 32_000_000
HOST = b"Host: a\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"

_protocol: ContextVar[type[PatientProtocol]] = ContextVar("protocol")


@pytest.fixture(autouse=True, params=["C", "Python"])
def protocol(request: pytest.FixtureRequest) -> Iterator[type[PatientProtocol]]:
    """With either parser: httptools need not be installed."""
    chosen = quickest_protocol() if request.param == "C" else PatientH11
    token = _protocol.set(chosen)
    yield chosen
    _protocol.reset(token)


class App:
    """Answers with the length of the body; /held and /api/search wait until they may, /large says a
    lot, and /headers which headers there are.
    """

    def __init__(self) -> None:
        self.held = 0
        self.cancelled = asyncio.Event()
        self.let_go = asyncio.Event()
        self.broken_off = asyncio.Event()
        self.answering = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.broken_off.set()
                return
            body, more = body + message["body"], message["more_body"]
        if scope["path"] in ("/held", "/api/search"):
            self.held += 1
            try:
                await self.let_go.wait()
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
        told = LARGE if scope["path"] == "/large" else str(len(body)).encode()
        if scope["path"] == "/headers":
            told = b" ".join(name for name, _ in scope["headers"])
        headers = [(b"content-length", str(len(told)).encode())]
        self.answering.set()
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": told})


class Server:
    """A server, and ways to speak with it."""

    def __init__(self, server: uvicorn.Server, app: App) -> None:
        self.port = server.servers[0].sockets[0].getsockname()[1]
        self.app = app
        self.connections = server.server_state.connections
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1024)
        self._writers.append(writer)
        writer.write(sent)
        return reader, writer

    async def get(self, path: str = "/healthz") -> int:
        """The status of an answer on a connection of its own."""
        reader, writer = await self.connect(GET.replace(b"/healthz", path.encode()))
        status = await _status(reader)
        writer.close()
        return status

    def close(self) -> None:
        for writer in self._writers:
            writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    """That of the next answer, which is read to its end."""
    head, _ = await _next_answer(reader)
    return int(head.split()[1])


async def _answered(reader: asyncio.StreamReader) -> bytes:
    """The body of the next answer, which is one of 200."""
    head, body = await _next_answer(reader)
    assert head.startswith(b"HTTP/1.1 200 ")
    return body


async def _next_answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    [length] = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head, await reader.readexactly(int(length.partition(b":")[2]))


async def _ended(reader: asyncio.StreamReader) -> bytes:
    """What came until the server hung up."""
    received = b""
    try:
        while piece := await reader.read(1000):
            received += piece
    except ConnectionError:
        pass
    return received


@asynccontextmanager
async def serving(
    patience: Patience = NEVER, places: Places | None = None, proxies: tuple[str, ...] = ()
) -> AsyncIterator[Server]:
    connections = Connections(proxies, patience=patience, places=places)
    app = App()
    protocol: Any = partial(_protocol.get(), connections=connections)
    config = uvicorn.Config(
        app, port=0, http=protocol, ws="none", lifespan="off", log_level="critical"
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[method-assign]
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    served = Server(server, app)
    try:
        yield served
    finally:
        app.let_go.set()
        served.close()
        server.should_exit = True
        await running


def run(test: Callable[[], Awaitable[None]]) -> None:
    """What waits for a hang-up that never comes fails here."""
    asyncio.run(asyncio.wait_for(test(), PATIENCE))


@pytest.mark.parametrize("sent", [b"", b"G", GET[:-2], b"POST /x HTTP/1.1\r\nHost: a\r\nX"])
def test_who_sends_no_whole_head_is_hung_up_on(sent: bytes) -> None:
    async def test() -> None:
        async with serving(QUICK) as server:
            reader, _ = await server.connect(sent)
            answer = await _ended(reader)
            assert not answer or answer.startswith(b"HTTP/1.1 408 ")
            assert await server.get() == 200

    run(test)


def test_bytes_now_and_then_buy_no_time() -> None:
    async def test() -> None:
        async with serving(QUICK) as server:
            reader, writer = await server.connect(b"GET / HTTP/1.1\r\nX: ")
            ended = asyncio.create_task(_ended(reader))
            while not ended.done():
                writer.write(b"x")
                await asyncio.sleep(0.02)
            assert (await ended).startswith(b"HTTP/1.1 408 ")

    run(test)


@pytest.mark.parametrize("first", [b"", b"x", b"x" * 200_000])
def test_a_body_that_drips_is_given_up(first: bytes) -> None:
    async def test() -> None:
        async with serving(QUICK) as server:
            head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n"
            reader, writer = await server.connect(head + first)
            ended = asyncio.create_task(_ended(reader))
            while not ended.done():
                writer.write(b"x")
                await asyncio.sleep(0.02)
            answer = await ended
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b"application/problem+json" in answer
            await server.app.broken_off.wait()

    run(test)


def test_what_is_left_of_a_body_after_an_early_answer_is_not_waited_for() -> None:
    async def test() -> None:
        async with serving(QUICK, Places(at_work=0)) as server:
            reader, writer = await server.connect(
                b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n"
            )
            ended = asyncio.create_task(_ended(reader))
            while not ended.done():
                writer.write(b"x")
                await asyncio.sleep(0.02)

    run(test)


def test_a_long_body_that_comes_is_taken() -> None:
    async def test() -> None:
        patience = Patience(head=1e6, body=0.001, bytes_per_second=1, answer=1e6)
        async with serving(patience) as server:
            head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n"
            reader, writer = await server.connect(head + b"x" * 300_000)
            for _ in range(600):
                writer.write(b"x" * 1000)
                await writer.drain()
            assert await _status(reader) == 200

    run(test)


def test_a_client_that_does_not_take_its_answer_is_hung_up_on() -> None:
    async def test() -> None:
        async with serving(QUICK) as server:
            await server.connect(GET.replace(b"/healthz", b"/large"))
            while not server.app.answering.is_set() or server.connections:
                await asyncio.sleep(0.01)

    run(test)


def test_a_request_at_work_has_all_the_time_and_the_next_one_on_its_connection_too() -> None:
    async def test() -> None:
        async with serving(QUICK) as server:
            reader, writer = await server.connect(GET.replace(b"/healthz", b"/held"))
            other, _ = await server.connect()
            await _ended(other)  # by now a silent one has been given up
            server.app.let_go.set()
            assert await _status(reader) == 200
            writer.write(GET)
            assert await _status(reader) == 200

    run(test)


def test_a_connection_at_rest_waits_for_the_next_request() -> None:
    async def test() -> None:
        async with serving(QUICK) as server:
            reader, writer = await server.connect(GET)
            assert await _status(reader) == 200
            other, _ = await server.connect()
            await _ended(other)
            writer.write(GET)
            assert await _status(reader) == 200

    run(test)


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nX: "])
def test_silent_connections_keep_nobody_out(sent: bytes) -> None:
    async def test() -> None:
        async with serving(places=Places(client=20, all=1000, at_work=1)) as server:
            silent = [await server.connect(sent) for _ in range(60)]
            assert [await server.get() for _ in range(3)] == [200] * 3
            assert [await server.get("/other") for _ in range(3)] == [200] * 3
            for reader, _ in silent[:40]:
                assert await _ended(reader) == b""
            assert not silent[-1][0].at_eof()

    run(test)


def test_bodies_under_way_keep_nobody_out() -> None:
    async def test() -> None:
        async with serving(places=Places(at_work=2)) as server:
            head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n"
            for _ in range(20):
                await server.connect(head)
            assert await server.get("/other") == 200

    run(test)


def test_a_proxy_may_have_more_than_a_client() -> None:
    async def test() -> None:
        places = Places(client=5, all=30)
        async with serving(places=places, proxies=("127.0.0.0/8",)) as server:
            silent = [await server.connect() for _ in range(40)]
            assert await server.get() == 200
            for reader, _ in silent[:10]:
                assert await _ended(reader) == b""
            assert not silent[-20][0].at_eof()

    run(test)


def test_work_counts_until_it_is_done_also_when_nobody_waits_for_it() -> None:
    async def test() -> None:
        async with serving(places=Places(at_work=3)) as server:
            for number in range(3):
                _, writer = await server.connect(GET.replace(b"/healthz", b"/held"))
                while server.app.held == number:
                    await asyncio.sleep(0.01)
                writer.close()
                while server.connections:
                    await asyncio.sleep(0.01)
            assert await server.get("/other") == 503
            assert await server.get("/healthz") == 200
            server.app.let_go.set()
            while await server.get("/other") != 200:
                await asyncio.sleep(0.01)

    run(test)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_search_is_broken_off_when_its_client_is_gone(method: str) -> None:
    """It counts no longer, and its neighbours go on."""

    async def test() -> None:
        async with serving(places=Places(at_work=3)) as server:
            ask = f"{method} /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
            other, _ = await server.connect(ask.encode())
            for number in range(1, 10):
                while server.app.held < number:
                    await asyncio.sleep(0.01)
                _, writer = await server.connect(ask.encode())
                while server.app.held == number:
                    await asyncio.sleep(0.01)
                server.app.cancelled.clear()
                writer.close()
                await server.app.cancelled.wait()
            assert await server.get("/other") == 200
            server.app.let_go.set()
            assert await _status(other) == 200

    run(test)


def test_health_is_answered_however_much_there_is_to_do() -> None:
    async def test() -> None:
        async with serving(places=Places(at_work=3)) as server:
            for _ in range(4):
                await server.connect(GET.replace(b"/healthz", b"/held"))
            while server.app.held < 3:
                await asyncio.sleep(0.01)
            assert await server.get("/healthz") == 200
            assert await server.get("/readyz") == 200
            assert await server.get("/other") == 503
            server.app.let_go.set()
            while await server.get("/other") != 200:
                await asyncio.sleep(0.01)

    run(test)


def test_a_request_that_is_on_its_way_when_the_server_stops_is_answered() -> None:
    patience = Patience(first_request=0.3, head=1e6, body=1e6, bytes_per_second=1, answer=1e6)

    async def test() -> None:
        async with serving(patience) as server:
            late, writer = await server.connect()
            silent, _ = await server.connect()
            while len(server.connections) < 2:
                await asyncio.sleep(0.01)
            for connection in [*server.connections] * 2:  # a Flow's gateway says it twice
                connection.shutdown()
            writer.write(GET)
            assert await _status(late) == 200
            assert await _ended(late) == await _ended(silent) == b""

    run(test)


def test_a_machine_that_stands_still_while_it_stops_costs_nobody_his_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test() -> None:
        async with serving() as server:
            late, writer = await server.connect()
            while not server.connections:
                await asyncio.sleep(0.01)
            [connection] = server.connections
            connection.shutdown()
            loop = asyncio.get_running_loop()
            before = loop.time
            monkeypatch.setattr(loop, "time", lambda: before() + 5)
            await asyncio.sleep(0)  # all that is due by now is done
            await asyncio.sleep(0)
            writer.write(GET)
            assert await _status(late) == 200
            assert await _ended(late) == b""

    run(test)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + HOST,
        b"GET / HTTP/1.1\r\nHost : a\r\n",
        b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\n" + HOST,
        b"GET /a b HTTP/1.1\r\n" + HOST,
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nContent-Length: 4\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +3\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"Transfer-Encoding: identity\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(head: bytes) -> None:
    async def test() -> None:
        async with serving() as server:
            reader, _ = await server.connect(head + b"\r\n3\r\nabc\r\n0\r\n\r\n")
            head_of_answer, _, body = (await _ended(reader)).partition(b"\r\n\r\n")
            assert head_of_answer.startswith(b"HTTP/1.1 400 ")
            assert b"application/problem+json" in head_of_answer
            assert "--data-urlencode" in json.loads(body)["detail"]

    run(test)


@pytest.mark.parametrize(
    "length", [b"Content-Length: 3\r\n\r\nabc", CHUNKED + b"\r\n3\r\nabc\r\n0\r\n\r\n"]
)
@pytest.mark.parametrize("protocol_asked_for", [b"h2c", b"websocket"])
def test_a_wish_for_another_protocol_costs_nobody_his_body(
    length: bytes, protocol_asked_for: bytes
) -> None:
    wish = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: " + protocol_asked_for + b"\r\n"

    async def test() -> None:
        async with serving() as server:
            reader, writer = await server.connect(b"POST / HTTP/1.1\r\n" + HOST + wish + length)
            assert await _answered(reader) == b"3"
            writer.write(GET)
            assert await _answered(reader) == b"0"

    run(test)


def test_requests_that_come_together_are_answered_in_their_order() -> None:
    async def test() -> None:
        async with serving() as server:
            posts = [
                b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % n + b"x" * n
                for n in range(9)
            ]
            reader, _ = await server.connect(b"".join(posts))
            assert [await _answered(reader) for _ in posts] == [b"%d" % n for n in range(9)]

    run(test)


def test_headers_behind_a_body_are_no_headers_of_the_request() -> None:
    async def test() -> None:
        async with serving() as server:
            head = b"POST /headers HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n"
            reader, _ = await server.connect(head + b"3\r\nabc\r\n0\r\nHost: b\r\nX: y\r\n\r\n")
            assert await _answered(reader) == b"host transfer-encoding"

    run(test)


@pytest.mark.parametrize(
    "begun",
    [
        b"GET / HTTP/1.1\r\nX: ",
        b"GET /",
        b"POST /held HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n3\r\nabc\r\n0\r\nX: ",
    ],
)
def test_what_has_no_end_is_hung_up_on(begun: bytes) -> None:
    async def test() -> None:
        async with serving() as server:
            reader, writer = await server.connect(begun)
            ended = asyncio.create_task(_ended(reader))
            while not ended.done():
                writer.write(b"x" * 20_000)
                await asyncio.sleep(0.01)
            assert await server.get() == 200

    run(test)
