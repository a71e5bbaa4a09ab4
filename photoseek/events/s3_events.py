"""Messages about objects of S3: which of them may have changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from photoseek.errors import MessageError

LONGEST_SHOWN = 200
_DEEPEST = 3  # a notice of SNS in a message of SQS, and one to spare


@dataclass(frozen=True, slots=True)
class Changed:
    """An object that was written or removed. Which of both is asked of the bucket itself."""

    bucket: str
    key: str


def changes_in(body: str) -> list[Changed]:
    """The objects that a message tells of: none in a test message of S3.

    S3's own notifications are read, also as SNS hands them on, and its events on EventBridge.

    Raises:
        MessageError: it is something else.
    """
    return list(_changes(_object(body), _DEEPEST))


def _changes(message: Mapping[str, Any], deeper: int) -> Iterator[Changed]:
    if message.get("Event") == "s3:TestEvent":
        return
    if message.get("Type") == "Notification" and deeper:
        yield from _changes(_object(message.get("Message")), deeper - 1)
    elif isinstance(records := message.get("Records"), list):
        for record in records:
            about = _member(record, "s3")
            key = _decoded(_text(_member(about, "object"), "key"))
            yield Changed(_text(_member(about, "bucket"), "name"), key)
    elif message.get("source") == "aws.s3":
        about = _member(message, "detail")
        yield Changed(
            _text(_member(about, "bucket"), "name"), _text(_member(about, "object"), "key")
        )
    else:
        raise _strange(f"it has the members {', '.join(map(str, message)) or 'of nothing'}")


def _object(text: object) -> Mapping[str, Any]:
    if not isinstance(text, str):
        raise _strange("it holds no text")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _strange(f"it begins with {text[:40]!r}") from error
    if not isinstance(value, dict):
        raise _strange(f"it begins with {text[:40]!r}")
    return value


def _member(value: object, name: str) -> Mapping[str, Any]:
    member = value.get(name) if isinstance(value, dict) else None
    if not isinstance(member, dict):
        raise _strange(f"it lacks {name!r}")
    return member


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text:
        raise _strange(f"it lacks {name!r}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _strange(f"its {name!r} is not UTF-8") from error
    return text


def _decoded(key: str) -> str:
    """A key as it is, of one that S3 writes as in an address."""
    try:
        return unquote_plus(key, errors="strict")
    except UnicodeDecodeError as error:
        raise _strange("its 'key' is not UTF-8") from error


def _strange(what: str) -> MessageError:
    return MessageError(f"The message tells of no change in S3: {what[:LONGEST_SHOWN]}.")
