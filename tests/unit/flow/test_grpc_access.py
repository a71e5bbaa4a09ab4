"""The key over gRPC, at a real server with methods of the same kinds as Jina's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any, Literal

import grpc
import pytest

from photoseek.flow.grpc_access import KeyInterceptor
from photoseek.gateway.access import Access
from tests.support.gateway_app import KEY


def _request(raw: bytes) -> Any:
    """What the interceptor sees of Jina's requests."""
    return SimpleNamespace(header=SimpleNamespace(exec_endpoint=raw.decode()))


def _did(request: Any) -> bytes:
    return f"did {request.header.exec_endpoint}".encode()


async def _unary(request: Any, _: Any) -> bytes:
    return _did(request)


async def _unary_stream(request: Any, _: Any) -> AsyncIterator[bytes]:
    yield _did(request)


async def _stream(requests: AsyncIterator[Any], _: Any) -> AsyncIterator[bytes]:
    async for request in requests:
        yield _did(request)


METHODS: dict[str, Any] = {
    "jina.JinaSingleDataRequestRPC": grpc.unary_unary_rpc_method_handler(_unary, _request),
    "jina.JinaSingleDocumentRequestRPC": grpc.unary_stream_rpc_method_handler(
        _unary_stream, _request
    ),
    "jina.JinaRPC": grpc.stream_stream_rpc_method_handler(_stream, _request),
    "jina.JinaGatewayDryRunRPC": grpc.unary_unary_rpc_method_handler(_unary, _request),
    "somebody.Else": grpc.unary_unary_rpc_method_handler(_unary, _request),
}


async def answers(
    access: Access, service: str, endpoints: list[str], key: str | None, *forwarded: str
) -> tuple[list[str], str]:
    """What a client gets of a server with this access: its answers, and how it ended."""
    server = grpc.aio.server(interceptors=[KeyInterceptor(access)])
    methods = grpc.method_handlers_generic_handler(service, {"do": METHODS[service]})
    server.add_generic_rpc_handlers((methods,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    got: list[str] = []
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            async for answer in _call(channel, service, endpoints, key, *forwarded):
                got.append(answer.decode())  # noqa: PERF401 - kept when the call fails
    except grpc.aio.AioRpcError as error:
        return got, error.code().name
    finally:
        await server.stop(None)
    return got, "OK"


async def _call(
    channel: Any, service: str, endpoints: list[str], key: str | None, *forwarded: str
) -> AsyncIterator[bytes]:
    metadata: tuple[tuple[str, str], ...] = (("x-api-key", key),) if key is not None else ()
    metadata += tuple((name, "192.0.2.7") for name in forwarded)
    path, raw = f"/{service}/do", [endpoint.encode() for endpoint in endpoints]
    method = METHODS[service]
    if method.unary_unary:
        yield await channel.unary_unary(path)(raw[0], metadata=metadata)
    elif method.unary_stream:
        async for answer in channel.unary_stream(path)(raw[0], metadata=metadata):
            yield answer
    else:
        async for answer in channel.stream_stream(path)(iter(raw), metadata=metadata):
            yield answer


JINA = ["jina.JinaSingleDataRequestRPC", "jina.JinaSingleDocumentRequestRPC", "jina.JinaRPC"]
REFUSED: tuple[list[str], str] = ([], "UNAUTHENTICATED")


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.mark.parametrize("service", JINA)
@pytest.mark.parametrize("key_for", ["write", "all"])
def test_with_the_key_everything_is_done(
    loop: asyncio.Runner, service: str, key_for: Literal["write", "all"]
) -> None:
    for endpoint in ("/search", "/delete"):
        found = loop.run(answers(Access(KEY, key_for), service, [endpoint], KEY))
        assert found == ([f"did {endpoint}"], "OK")


@pytest.mark.parametrize("service", JINA)
@pytest.mark.parametrize("key", [None, "wrong"])
def test_without_it_only_what_reads_is_done(
    loop: asyncio.Runner, service: str, key: str | None
) -> None:
    write, everything = Access(KEY, "write"), Access(KEY, "all")
    assert loop.run(answers(write, service, ["/search"], key)) == (["did /search"], "OK")
    for endpoint in ("/delete", "/index", "/maintain", "", "/Search"):
        assert loop.run(answers(write, service, [endpoint], key)) == REFUSED
    assert loop.run(answers(everything, service, ["/search"], key)) == REFUSED


def test_a_stream_ends_at_what_is_refused(loop: asyncio.Runner) -> None:
    endpoints = ["/search", "/delete", "/search"]
    found = loop.run(answers(Access(KEY, "write"), "jina.JinaRPC", endpoints, None))
    assert found == (["did /search"], "UNAUTHENTICATED")


def test_what_tells_nothing_is_open_and_what_is_unknown_is_not(loop: asyncio.Runner) -> None:
    access = Access(KEY, "all")
    dry_run = loop.run(answers(access, "jina.JinaGatewayDryRunRPC", ["x"], None))
    assert dry_run == (["did x"], "OK")
    assert loop.run(answers(access, "somebody.Else", ["x"], None)) == REFUSED


def test_without_a_key_everyone_may(loop: asyncio.Runner) -> None:
    found = loop.run(answers(Access(None, "all"), "jina.JinaRPC", ["/delete"], None))
    assert found == (["did /delete"], "OK")


@pytest.mark.parametrize("service", JINA)
def test_without_a_key_nothing_is_told_through_a_proxy(loop: asyncio.Runner, service: str) -> None:
    for endpoint in ("/search", "/delete"):
        asked = (service, [endpoint], None, "x-forwarded-for")
        assert loop.run(answers(Access(None, "write"), *asked)) == REFUSED
        assert loop.run(answers(Access(None, "none"), *asked)) == ([f"did {endpoint}"], "OK")
