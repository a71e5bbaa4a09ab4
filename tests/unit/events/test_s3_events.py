"""Which objects a message tells of."""

from __future__ import annotations

import json

import pytest

from photoseek.errors import MessageError
from photoseek.events.s3_events import Changed, changes_in
from tests.support.sqs import notice

STRANGE = [
    *("", "no JSON", "[]", "7", "{}", "[" * 100_000, '{"Records": [{}]}', '{"Records": [7]}'),
    '{"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": ""}}}]}',
    '{"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "%FF"}}}]}',
    '{"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "\\ud800"}}}]}',
    '{"source": "aws.s3", "detail": {"bucket": {}}}',
    '{"Type": "Notification", "Message": 7}',
]


def test_notices_of_s3_are_read() -> None:
    assert changes_in(notice("b", "a b+c/ü.jpg")) == [Changed("b", "a b+c/ü.jpg")]
    assert changes_in('{"Records": []}') == []


def test_test_messages_tell_of_nothing() -> None:
    assert changes_in('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}') == []


def test_notices_that_sns_hands_on_are_read() -> None:
    message = {"Type": "Notification", "Message": notice("b", "c.jpg")}
    assert changes_in(json.dumps(message)) == [Changed("b", "c.jpg")]


def test_notices_within_notices_end() -> None:
    message = notice("b", "c.jpg")
    for _ in range(5):
        message = json.dumps({"Type": "Notification", "Message": message})
    with pytest.raises(MessageError):
        changes_in(message)


def test_events_of_eventbridge_have_keys_as_they_are() -> None:
    about = {"bucket": {"name": "b"}, "object": {"key": "a+b%20c.jpg"}}
    event = {"source": "aws.s3", "detail-type": "Object Created", "detail": about}
    assert changes_in(json.dumps(event)) == [Changed("b", "a+b%20c.jpg")]


@pytest.mark.parametrize("body", STRANGE)
def test_other_messages_are_refused_in_words(body: str) -> None:
    with pytest.raises(MessageError, match="tells of no change in S3"):
        changes_in(body)
