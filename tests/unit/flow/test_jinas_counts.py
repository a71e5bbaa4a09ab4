"""Jina's messages, with what `photoseek/flow/compat.py` puts in the place of the environment."""

from __future__ import annotations

import inspect
import os
import re

from photoseek.flow import compat

compat.apply()

from jina.proto import serializer  # noqa: E402
from jina.types.request.data import DataRequest  # noqa: E402


def test_messages_set_no_variables_of_the_environment() -> None:
    before = dict(os.environ)
    message = DataRequest()
    message.header.request_id = "one"
    sent = serializer.DataRequestProto.SerializeToString(message)
    assert serializer.DataRequestProto.FromString(sent).header.request_id == "one"
    assert dict(os.environ) == before


def test_jina_uses_nothing_else_of_the_module_there() -> None:
    source = inspect.getsource(serializer)
    assert set(re.findall(r"\bos\.(\w+)", source)) == {"environ"}
    named = re.findall(r"\bos\.environ(?:\.get\(|\[)'(\w+)'", source)
    assert set(named) == {"JINA_GRPC_SEND_BYTES", "JINA_GRPC_RECV_BYTES"}
    assert len(named) == source.count("os.environ")
