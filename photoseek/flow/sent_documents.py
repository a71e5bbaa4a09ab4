"""Documents that clients send over gRPC, where no request has been checked before.

No `from __future__ import annotations` here: with it Jina drops the schema in silence.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from docarray import BaseDoc
from pydantic import ValidationError

from photoseek.errors import QueryError
from photoseek.gateway.validation_errors import broken_limits, sentence


class SentDoc(BaseDoc):
    """A document that a client may send: where it cannot be read, a sentence says what to give."""

    @classmethod
    def from_protobuf(cls, pb_msg: Any) -> Self:
        """Read a document off the wire.

        Raises:
            QueryError: a member is missing, or of another kind, or beyond its limits.
        """
        try:
            doc: Self = super().from_protobuf(pb_msg)
        except ValidationError as error:
            raise QueryError(f"{reason_of(error, _members(cls, pb_msg))}.") from error
        except Exception as error:  # whatever a client has sent
            raise QueryError(_unreadable(cls, pb_msg)) from error
        return doc


def reason_of(error: ValidationError, given: Mapping[str, Any]) -> str:
    """What is wrong with a document that was made of these members, without a full stop."""
    errors = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
    return sentence(broken_limits(errors, given))


def _members(kind: type[BaseDoc], message: Any) -> dict[str, Any]:
    """What can be read of a message."""
    found = {}
    for name, node in message.data.items():
        if name in kind._docarray_fields():
            with suppress(Exception):
                found[name] = kind._get_content_from_node_proto(node, name)
    return found


def _unreadable(kind: type[BaseDoc], message: Any) -> str:
    """Which member cannot be read, as a sentence; in a list of documents which of them, and why."""
    for name in message.data.keys() - _members(kind, message).keys():
        field = kind._docarray_fields().get(name)
        inner = getattr(field.annotation, "doc_type", None) if field else None
        if inner:
            for place, doc in enumerate(message.data[name].doc_array.docs):
                try:
                    inner.from_protobuf(doc)
                except QueryError as error:
                    return f"{name}[{place}].{error}"
        if field:
            return f"{name}: This kind of value is not taken here. Look at docs/guide/api.md."
    return "The document cannot be read. Look at docs/guide/api.md for its members."
