"""What comes in over gRPC, at a real server that tells what Jina would have got of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest
from pydantic import ValidationError

from photoseek.flow import compat

compat.apply()

from docarray import DocList  # noqa: E402
from jina.proto import serializer  # noqa: E402
from jina.types.request.data import DataRequest  # noqa: E402

from photoseek.errors import StoreWriteError  # noqa: E402
from photoseek.flow.documents import IdsDoc, QueryDoc  # noqa: E402
from photoseek.flow.grpc_access import KeyInterceptor  # noqa: E402
from photoseek.flow.grpc_requests import RequestCheck, tell_errors_in_words  # noqa: E402
from photoseek.gateway.access import Access  # noqa: E402
from photoseek.gateway.middleware.rate_limit import Guesses, Limiter  # noqa: E402
from photoseek.gateway.problems import UNEXPECTED  # noqa: E402
from photoseek.sharing import MemoryState  # noqa: E402
from tests.support.gateway_app import KEY  # noqa: E402

SINGLE, STREAM = "jina.JinaSingleDataRequestRPC", "jina.JinaRPC"
CAR = QueryDoc(text="car")


def _seen(request: Any) -> bytes:
    proto = request.proto
    header = {field.name: str(value) for field, value in proto.header.ListFields()}
    left = {"parameters": len(proto.parameters.fields), "routes": len(proto.routes)}
    return json.dumps(header | left | {"docs": len(proto.data.docs.docs)}).encode()


async def _unary(request: Any, _: Any) -> bytes:
    return _seen(request)


async def _stream(requests: AsyncIterator[Any], _: Any) -> AsyncIterator[bytes]:
    async for request in requests:
        yield _seen(request)


async def _empty(_: Any, __: Any) -> bytes:
    return b"{}"


READ = serializer.DataRequestProto.FromString
METHODS: dict[str, Any] = {
    SINGLE: grpc.unary_unary_rpc_method_handler(_unary, READ),
    STREAM: grpc.stream_stream_rpc_method_handler(_stream, READ),
    "jina.JinaInfoRPC": grpc.unary_unary_rpc_method_handler(_empty),
    "jina.JinaDiscoverEndpointsRPC": grpc.unary_unary_rpc_method_handler(_empty),
    "jina.JinaSingleDocumentRequestRPC": grpc.unary_unary_rpc_method_handler(_empty),
    "grpc.health.v1.Health": grpc.unary_unary_rpc_method_handler(_empty),
}

Answer = tuple[list[dict[str, Any]], str, str]


async def answers(
    interceptors: list[Any], service: str, messages: list[bytes], key: str | None = None
) -> Answer:
    """What a client gets: the answers, the status, and its sentence."""
    server = grpc.aio.server(interceptors=interceptors)
    handlers = grpc.method_handlers_generic_handler(service, {"do": METHODS[service]})
    server.add_generic_rpc_handlers((handlers,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    metadata = (("x-api-key", key),) if key else ()
    got: list[dict[str, Any]] = []
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            if service == STREAM:
                call = channel.stream_stream(f"/{service}/do")
                async for answer in call(iter(messages), metadata=metadata):
                    got.append(json.loads(answer))  # noqa: PERF401 - kept when the call fails
            for message in messages if service != STREAM else ():
                answer = await channel.unary_unary(f"/{service}/do")(message, metadata=metadata)
                got.append(json.loads(answer))
    except grpc.aio.AioRpcError as error:
        return got, error.code().name, error.details() or ""
    finally:
        await server.stop(None)
    return got, "OK", ""


def message(docs: Any = (CAR,), endpoint: str = "/search", **header: Any) -> bytes:
    request = DataRequest()
    request.data.docs = DocList[type(docs[0])](docs)
    request.header.exec_endpoint = endpoint
    request.header.request_id = header.pop("request_id", "mine")
    for name, value in header.items():
        setattr(request.header, name, value)
    return bytes(request.proto.SerializeToString())


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def check(limiter: Limiter | None = None) -> list[Any]:
    return [RequestCheck({"/search", "/known"}, limiter)]


@pytest.mark.parametrize("service", [SINGLE, STREAM])
def test_jina_gets_nothing_to_act_upon(loop: asyncio.Runner, service: str) -> None:
    request = DataRequest(message(target_executor=".*" * 30 + "X", timeout=1))
    request.parameters = {"encoder": "x", "a__encoder": 1.0, "__results__": {"a": 1.0}}
    request.header.status.code = 1
    request.add_executor("gateway")
    asked = bytes(request.proto.SerializeToString())
    expected = {"request_id": "mine", "exec_endpoint": "/search", "parameters": 0, "routes": 0}
    assert loop.run(answers(check(), service, [asked])) == ([expected | {"docs": 1}], "OK", "")


@pytest.mark.parametrize("service", [SINGLE, STREAM])
@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (b"", "The message is no request of Jina."),
        (b"\xff" * 30, "The message is no request of Jina."),
        (message(endpoint="/nowhere"), "There is no endpoint '/nowhere'. There are /known,"),
        (message(request_id="x" * 201), "The request_id has more than 200 characters."),
        (message([CAR] * 257), "/search takes at most 256 queries"),
        (message([QueryDoc(text="car", top_k=1_000)] * 3), "One request may ask for 2000 photos"),
        (message([IdsDoc(ids=["a"] * 9_000)] * 2, "/known"), "One request may hold 10000 ids"),
    ],
)
def test_what_is_refused(loop: asyncio.Runner, service: str, asked: bytes, reason: str) -> None:
    got, status, told = loop.run(answers(check(), service, [asked]))
    assert (got, status) == ([], "INVALID_ARGUMENT")
    assert told.startswith(reason)


def test_what_would_take_long_to_parse_is_refused(loop: asyncio.Runner) -> None:
    request = DataRequest(message())
    asked = bytes(request.proto.SerializeToString()) + b"\x22\x82\xea\x30\x0a\xfe\xe9\x30"
    asked += b"\x0a\x00" * 399_999
    _, status, told = loop.run(answers(check(), SINGLE, [asked]))
    assert status == "INVALID_ARGUMENT"
    assert told.startswith("The message has more than 300000 fields.")


def test_documents_as_bytes_are_refused(loop: asyncio.Runner) -> None:
    request = DataRequest(message())
    request.proto.data.docs_bytes = b"anything"
    asked = bytes(request.proto.SerializeToString())
    _, status, told = loop.run(answers(check(), SINGLE, [asked]))
    assert (status, told) == (
        "INVALID_ARGUMENT",
        "Send the documents as `docs`, not as `docs_bytes`.",
    )


@pytest.mark.parametrize("service", [SINGLE, STREAM])
def test_work_is_counted_with_that_over_http(loop: asyncio.Runner, service: str) -> None:
    limiter = Limiter(10, MemoryState())
    loop.run(limiter.take("127.0.0.1", 3))
    three = message([CAR] * 3)
    got, status, told = loop.run(answers(check(limiter), service, [three] * 3))
    assert (len(got), status) == (2, "RESOURCE_EXHAUSTED")
    assert "More work than 10 searches" in told


def test_what_cannot_be_read_is_counted_too(loop: asyncio.Runner) -> None:
    checks = check(Limiter(2, MemoryState()))
    statuses = [loop.run(answers(checks, SINGLE, [b"\xff"]))[1] for _ in range(3)]
    assert statuses == ["INVALID_ARGUMENT"] * 2 + ["RESOURCE_EXHAUSTED"]


def failed(error: Exception) -> Any:
    response = DataRequest()
    response.add_exception(error)
    assert response.header.status.exception.stacks
    tell_errors_in_words(response)
    assert not response.header.status.exception.stacks
    return response.header.status.description


def test_an_executors_error_is_told_in_words() -> None:
    assert failed(StoreWriteError("The disk is full.")) == "The disk is full."
    assert failed(RuntimeError("the password is swordfish")) == UNEXPECTED
    with pytest.raises(ValidationError) as wrong:
        QueryDoc(text="car", top_k=0)
    told = failed(wrong.value)
    assert told == "top_k: Input should be greater than or equal to 1", "one of an earlier version"
    well = DataRequest(message())
    tell_errors_in_words(well)
    assert not well.header.status.description


@pytest.mark.parametrize("service", sorted(METHODS.keys() - {SINGLE, STREAM}))
def test_what_is_open_and_what_is_closed(loop: asyncio.Runner, service: str) -> None:
    checks = [RequestCheck(set(), Limiter(1, MemoryState())), KeyInterceptor(Access(KEY, "all"))]
    for _ in range(3):
        _, status, _ = loop.run(answers(checks, service, [b""]))
        assert status == ("OK" if service.startswith("grpc.health.") else "UNIMPLEMENTED")


def test_guessing_is_slowed_here_too(loop: asyncio.Runner) -> None:
    access = Access(KEY, "all", guesses=Guesses(2, MemoryState()))
    checks = [*check(), KeyInterceptor(access)]

    def status(key: str) -> str:
        return loop.run(answers(checks, SINGLE, [message()], key))[1]

    assert status(KEY) == "OK"
    assert [status("wrong") for _ in range(3)] == ["UNAUTHENTICATED"] * 2 + ["RESOURCE_EXHAUSTED"]
    assert status(KEY) == "RESOURCE_EXHAUSTED", "or it would tell that this one is right"
