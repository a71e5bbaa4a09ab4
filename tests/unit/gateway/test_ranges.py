"""Parts of what is in memory."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from photoseek.gateway.ranges import BytesInParts

DATA = bytes(range(100))
TAG = '"abc"'


@pytest.mark.parametrize(
    ("asked", "status", "part", "told"),
    [
        ("bytes=0-9", 206, DATA[:10], "bytes 0-9/100"),
        ("bytes=90-", 206, DATA[90:], "bytes 90-99/100"),
        ("bytes=-5", 206, DATA[95:], "bytes 95-99/100"),
        ("bytes=-500", 206, DATA, "bytes 0-99/100"),
        ("bytes=10-999", 206, DATA[10:], "bytes 10-99/100"),
        ("bytes=100-", 416, b"", "bytes */100"),
        ("bytes=-0", 416, b"", "bytes */100"),
        ("bytes=9-3", 200, DATA, None),
        ("bytes=-", 200, DATA, None),
        ("bytes=0-1,4-5", 200, DATA, None),
        ("lines=0-1", 200, DATA, None),
        ("bytes=" + "9" * 5000 + "-", 200, DATA, None),
        ("", 200, DATA, None),
    ],
)
def test_the_part_that_is_asked_for(asked: str, status: int, part: bytes, told: str | None) -> None:
    client = TestClient(BytesInParts(DATA, media_type="image/png", headers={"ETag": TAG}))
    answer = client.get("/", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, part)
    assert answer.headers.get("content-range") == told
    assert answer.headers["content-length"] == str(len(part))
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(("tag", "status"), [(TAG, 206), ('"other"', 200)])
def test_a_part_is_of_what_the_client_has_seen(tag: str, status: int) -> None:
    client = TestClient(BytesInParts(DATA, headers={"ETag": TAG}))
    assert client.get("/", headers={"Range": "bytes=1-2", "If-Range": tag}).status_code == status
