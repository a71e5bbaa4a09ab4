"""Counting what is in a message without parsing it."""

from __future__ import annotations

import pytest
from google.protobuf.message import DecodeError

from photoseek.flow import compat

compat.apply()

from docarray import DocList  # noqa: E402
from jina.proto import jina_pb2  # noqa: E402
from jina.types.request.data import DataRequest  # noqa: E402

from photoseek.flow.documents import IdsDoc  # noqa: E402
from photoseek.flow.wire import count_fields  # noqa: E402

MESSAGE = jina_pb2.DataRequestProto.DESCRIPTOR


def request(ids: int) -> bytes:
    request = DataRequest()
    request.data.docs = DocList[IdsDoc]([IdsDoc(ids=[str(number) for number in range(ids)])])
    return bytes(request.proto.SerializeToString())


def test_fields_are_counted_in_all_depth() -> None:
    one, thousand = (count_fields(request(ids), MESSAGE) for ids in (1, 1_001))
    assert thousand - one == 2_000, "each id is an entry of a list, with its text"


def test_counting_ends_at_the_most() -> None:
    assert count_fields(request(1_000), MESSAGE, most=50) == 51


@pytest.mark.parametrize(
    "broken", [b"\xff" * 20, b"\x0a\x7f", b"\x0a", b"GET / HTTP/1.1", request(10)[:-3]]
)
def test_what_is_no_message_is_told_so(broken: bytes) -> None:
    with pytest.raises(DecodeError):
        count_fields(broken, MESSAGE)
