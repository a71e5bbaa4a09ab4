"""JSON that the Flow cannot carry is refused by the name of its member."""

from __future__ import annotations

import json

import pytest
from fastapi.exceptions import RequestValidationError

from photoseek.gateway.json_reading import MAX_DEPTH, read_json
from photoseek.gateway.validation_errors import broken_limits, sentence


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'{"data": [{"ids": ["a", "\\ud800"]}]}', "data[0].ids[1]: Give a text"),
        (b'{"header": {"request_id": "\\udfff"}}', "header.request_id: Give a text"),
        (b'{"data": {"\\ud800": 1}}', "data: The name of a member is no valid Unicode"),
        (b'{"parameters": {"a": NaN}}', "body: It is no JSON: NaN is no number"),
        (b'{"parameters": {"a": -Infinity}}', "body: It is no JSON: -Infinity is no number"),
        (b'{"parameters": {"a": 1e999}}', "parameters.a: The number is too large"),
        (b'{"parameters": {"a": ' + b"9" * 400 + b"}}", "parameters.a: The number is too large"),
        (b'{"parameters": {"a": ' + b"9" * 9_000 + b"}}", "body: It is no JSON: Exceeds"),
        (b'{"parameters": ' + b"[" * 200 + b"]" * 200 + b"}", "more than 32 levels deep"),
        (b"[" * 100_000, "body: It is no JSON"),
        (b"{", "body: It is no JSON: Expecting property name"),
        (b"", "body: It is no JSON"),
        (b"\xff\xfe\xff", "body: It is no JSON"),
    ],
)
def test_what_is_refused(raw: bytes, told: str) -> None:
    with pytest.raises(RequestValidationError) as refused:
        read_json(raw)
    assert told in sentence(broken_limits(refused.value.errors(), refused.value.body))


def test_what_is_read() -> None:
    deep: object = 1.5e308
    for _ in range(MAX_DEPTH - 1):
        deep = [deep]
    for value in (deep, {"ids": ["é", "\U0001f600", ""]}, [True, None, -(10**300)], "text"):
        assert read_json(json.dumps(value).encode()) == value


def test_a_member_that_is_left_unread_may_hold_anything() -> None:
    odd = b'{"data": [{"caption": "\\ud800"}], "parameters": {}}'
    assert read_json(odd, unread="data")["data"][0]["caption"] == "\ud800"
    with pytest.raises(RequestValidationError):
        read_json(odd)
    with pytest.raises(RequestValidationError):
        read_json(b'{"data": [], "header": "\\ud800"}', unread="data")
