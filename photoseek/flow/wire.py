"""Messages of Jina's gRPC, looked at before they are parsed.

To parse 96 MB of empty documents takes protobuf ten seconds and 2 GB, and all of the process
stands still meanwhile. To count them here stops early, and lets others run.
"""

from functools import cache
from typing import Any

from google.protobuf.message import DecodeError

from photoseek.helpers.varints import read_varint

MAX_FIELDS = 300_000
"""Fields in all depth: a batch of 512 photos with long descriptions has some 200,000."""

_VARINT, _EIGHT_BYTES, _SIZED, _FOUR_BYTES = 0, 1, 2, 5


def count_fields(data: bytes, message: Any, most: int = MAX_FIELDS) -> int:
    """How many fields a message of such a descriptor has, in all its depth; it stops at `most`.

    Raises:
        DecodeError: the bytes are no message.
    """
    try:
        return _count(data, message, most)
    except ValueError as error:
        raise DecodeError from error


def _count(data: bytes, message: Any, most: int) -> int:
    count = 0
    inside = [(0, len(data), message)]
    while inside:
        at, end, kind = inside.pop()
        messages = _messages_in(kind)
        while at < end:
            count += 1
            if count > most:
                return count
            tag, at = read_varint(data, at)
            wire = tag & 7
            if wire == _SIZED:
                size, at = read_varint(data, at)
                if at + size > end:
                    raise ValueError
                if found := messages.get(tag >> 3):
                    inside.append((at, at + size, found))
                at += size
            elif wire == _VARINT:
                _, at = read_varint(data, at)
            elif wire in (_EIGHT_BYTES, _FOUR_BYTES):
                at += 8 if wire == _EIGHT_BYTES else 4
            else:
                raise ValueError
    return count


@cache
def _messages_in(message: Any) -> dict[int, Any]:
    return {field.number: field.message_type for field in message.fields if field.message_type}
