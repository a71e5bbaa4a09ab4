"""Fields of documents that had another name up to 0.3.0, under both.

While an upgrade lasts, parts of two versions work together. A document has the field under its old
name as well when it is sent, and is read by either.
"""

from typing import Any, Self

from docarray import BaseDoc

_BEFORE = {"dedupe": "folded", "phash": "looks"}
"""The names of before, by those of today."""


class OldNames(BaseDoc):
    """A document with fields of `_BEFORE`."""

    @classmethod
    def from_protobuf(cls, pb_msg: Any) -> Self:
        """Read a document off the wire."""
        _copy(pb_msg.data, {before: now for now, before in _BEFORE.items()})
        doc: Self = super().from_protobuf(pb_msg)
        return doc

    def to_protobuf(self) -> Any:
        """Put a document on the wire."""
        message = super().to_protobuf()
        _copy(message.data, _BEFORE)
        return message


def _copy(data: Any, names: dict[str, str]) -> None:
    """Let fields that are there be there under their other names, too."""
    for one, other in names.items():
        if one in data and other not in data:
            data[other].CopyFrom(data[one])
