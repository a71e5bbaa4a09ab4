"""Requests that froze a gateway, over its real ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import httpx
import pytest

from photoseek.flow.process import FlowProcess

pytestmark = pytest.mark.xdist_group("flow")  # one worker, so that one Flow is enough

ANSWER_SECONDS = 60
SINGLE = "/jina.JinaSingleDataRequestRPC/process_single_data"
STREAM = "/jina.JinaRPC/Call"


@pytest.fixture
def channel(flow: FlowProcess) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{flow.settings.grpc_port}") as channel:
        yield channel


def ask(channel: grpc.Channel, method: str, message: bytes) -> bytes:
    if method == STREAM:
        call = channel.stream_stream(method)(iter([message]), timeout=ANSWER_SECONDS)
        return bytes(next(call))
    return bytes(channel.unary_unary(method)(message, timeout=ANSWER_SECONDS))


def message(**header: Any) -> Any:
    from photoseek.flow import compat

    compat.apply()
    from docarray import DocList
    from jina.types.request.data import DataRequest

    from photoseek.flow.documents import QueryDoc

    request = DataRequest()
    request.data.docs = DocList[QueryDoc]([QueryDoc(text="car", top_k=1)])
    for name, value in header.items():
        setattr(request.header, name, value)
    return request.proto


@pytest.mark.parametrize("method", [SINGLE, STREAM])
def test_the_name_of_an_executor_is_no_pattern(
    flow: FlowProcess, channel: grpc.Channel, method: str
) -> None:
    """As a regular expression this takes weeks; with 60 repetitions it was a minute."""
    hostile = message(exec_endpoint="/search", target_executor=".*" * 300 + "X")
    from jina.proto import jina_pb2

    answer = jina_pb2.DataRequestProto.FromString(ask(channel, method, hostile.SerializeToString()))
    [doc] = answer.data.docs.docs
    assert doc.data["hits"].doc_array.docs, "it was answered, by all executors"
    assert httpx.get(f"{flow.url}/healthz", timeout=ANSWER_SECONDS).is_success


@pytest.mark.parametrize("method", [SINGLE, STREAM])
@pytest.mark.parametrize("broken", [b"", b"\xff" * 20, b"GET / HTTP/1.1", b'{"data": []}'])
def test_what_is_no_message_is_told_so(channel: grpc.Channel, method: str, broken: bytes) -> None:
    with pytest.raises(grpc.RpcError) as failure:
        ask(channel, method, broken)
    assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert failure.value.details() == "The message is no request of Jina."


def test_strangers_learn_nothing_of_this_machine(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as failure:
        channel.unary_unary("/jina.JinaInfoRPC/_status")(b"", timeout=ANSWER_SECONDS)
    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_an_unknown_endpoint_is_named(channel: grpc.Channel) -> None:
    asked = message(exec_endpoint="/_jina_dry_run_/").SerializeToString()
    with pytest.raises(grpc.RpcError, match="There is no endpoint '/_jina_dry_run_/'") as failure:
        ask(channel, SINGLE, asked)
    assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_what_is_beyond_the_limits_is_told_in_words(channel: grpc.Channel) -> None:
    asked = message(exec_endpoint="/search")
    asked.data.docs.docs[0].data["top_k"].integer = 0
    from jina.proto import jina_pb2

    answer = jina_pb2.DataRequestProto.FromString(ask(channel, SINGLE, asked.SerializeToString()))
    assert answer.header.status.description == "top_k: Give 1 or more; it is 0."
