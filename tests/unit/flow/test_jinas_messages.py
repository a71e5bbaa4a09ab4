"""Jina's messages between the parts, with what `photoseek/flow/compat_messages.py` leaves out."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from docarray import DocList

from photoseek.flow import compat

compat.apply()

from jina.serve.networking.connection_stub import _ConnectionStubs  # noqa: E402
from jina.types.request.data import DataRequest  # noqa: E402

from photoseek.flow.documents import EncodedPartDoc, EncodedQueryDoc, PartDoc, QueryDoc  # noqa: E402


def test_ids_arrive_as_they_were_sent() -> None:
    sent = QueryDoc(
        id="a query", parts=DocList[PartDoc]([PartDoc(id="ein Bild, 写真", text="red")])
    )
    read = QueryDoc.from_protobuf(sent.to_protobuf())
    assert (read.id, read.parts[0].id) == ("a query", "ein Bild, 写真")
    assert type(read.id) is type(sent.id)


def test_documents_that_only_go_on_to_the_next_part_are_not_read() -> None:
    part = EncodedPartDoc(embedding=np.ones(4, np.float32))
    docs = DocList[EncodedQueryDoc]([EncodedQueryDoc(parts=DocList[EncodedPartDoc]([part]))])
    first = DataRequest()
    first.data.docs = docs
    arrived = DataRequest(first.proto.SerializeToString())

    sent_on, told = asyncio.run(_sent_on(_Part(arrived)))

    assert told == "metadata"
    again = DataRequest(sent_on)
    again.document_array_cls = DocList[EncodedQueryDoc]
    assert again.docs[0].parts[0].embedding.tolist() == [1, 1, 1, 1]


class _Part:
    """What stands for a part: it gives one answer."""

    def __init__(self, answer: DataRequest) -> None:
        self._answer = answer

    def process_single_data(self, *_: Any, **__: Any) -> _Call:
        return _Call(self._answer)


class _Call:
    def __init__(self, answer: DataRequest) -> None:
        self._answer = answer

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        return self._answer

    async def trailing_metadata(self) -> str:
        return "metadata"


async def _sent_on(part: _Part) -> tuple[bytes, str]:
    """What goes on to the next part of the answer, and the metadata.

    Answers are looked at in here: asyncio writes down what `run` gives, which reads all of it.
    """
    stubs = object.__new__(_ConnectionStubs)
    stubs._initialized, stubs.single_data_stub = True, part
    request = DataRequest()
    answer, told = await stubs.send_requests([request], metadata=None, compression=None)
    answer.parameters = {"more": "than before"}
    assert answer.is_decompressed_wo_data
    return answer.proto.SerializePartialToString(), told
