"""Filters as expressions of Milvus, in which no text of a stranger ever stands.

What a photo has is stored as numbers, the digests of a field and a value, in one array: its marks.
A filter asks for the same numbers. So there is nothing to quote, no text is too long, a list of a
thousand values stays short, and fields of later versions need no column. Two values share a mark
once in 9e18 pairs.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, get_args

from photoseek.errors import QueryError
from photoseek.records import AllOf, AnyOf, Condition, Filter, Not, Operator, StoredPhoto
from photoseek.store.fields import FIELDS, METADATA, Field, field_named
from photoseek.store.filters import checked
from photoseek.store.kinds import Date, Labels, Number, Text, spelled, values_of
from photoseek.store.moments import Moment, Span, spans_of

PIXELS = "pixels"
"""A column that collections of earlier versions lack."""
EVERY = 'key != ""'
NONE = 'key == ""'

_LARGEST = 2**62
_LAST = "~"  # after all that a date may go on with
_WITHIN = '({0} >= "{1}" and {0} < "{2}")'
_SPANS: dict[Operator, str] = {
    "=": _WITHIN,
    "in": _WITHIN,
    "!=": f"not {_WITHIN}",
    "<": '{0} < "{1}"',
    "<=": '{0} < "{2}"',
    ">": '{0} >= "{2}"',
    ">=": '{0} >= "{1}"',
}
_SIGNS = {sign: {"=": "=="}.get(sign, sign) for sign in get_args(Operator)}


def key_of_id(photo_id: str) -> str:
    """The primary key of a photo: 32 hex digits over its id, which may be long and hostile."""
    return blake2b(photo_id.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def marks_of(stored: StoredPhoto) -> list[int]:
    """What a photo has in the fields that are compared by equality, each once."""
    texts = [(field, value) for field, value in _texts(stored) if value]
    marks = [_mark(field, value) for field, value in (*_labels(stored), *texts)]
    # That there is a text: a photo without it has the empty text there.
    marks += [_mark(field) for field, _ in texts]
    return list(dict.fromkeys(marks))


def expression_of(where: Sequence[Filter], columns: Collection[str] | None = None) -> str:
    """One expression for all filters, on a collection with those columns; None is all.

    Raises:
        QueryError: for filters that make no sense, or ask for a column that there is not.
    """
    if columns is not None and PIXELS not in columns and _asks_for_pixels(where):
        raise QueryError(
            f"This index was made by an earlier version and cannot be filtered by {PIXELS}. Use "
            "width and height, or make it again: photoseek copy --to another name, and switch."
        )
    return " and ".join(f"({_expression(each)})" for each in checked(where)) or EVERY


def _asks_for_pixels(where: Iterable[Filter]) -> bool:
    for each in where:
        match each:
            case Condition(field):
                if field == PIXELS:
                    return True
            case Not(inner):
                if _asks_for_pixels((inner,)):
                    return True
            case AllOf(filters) | AnyOf(filters):
                if _asks_for_pixels(filters):
                    return True
    return False


def among(column: str, values: Iterable[str]) -> str:
    """An expression that holds where a column has one of some digests or words of our own."""
    return f"{column} in {json.dumps(list(values))}"


def _labels(stored: StoredPhoto) -> Iterator[tuple[str, str]]:
    for field in FIELDS:
        if isinstance(field.kind, Labels):
            yield from ((field.name, field.kind.key(label)) for label in field.read(stored))


def _texts(stored: StoredPhoto) -> Iterator[tuple[str, str]]:
    for field in FIELDS:
        if field.name != "id" and isinstance(field.kind, Text):
            yield field.name, field.read(stored)
    for name, value in stored.photo.metadata.items():
        yield METADATA + name, value


def _expression(each: Filter) -> str:
    match each:
        case Condition():
            return _condition(each)
        case Not(inner):
            return f"not ({_expression(inner)})"
        case AllOf(filters):
            return " and ".join(f"({_expression(inner)})" for inner in filters) or EVERY
        case AnyOf(filters):
            return " or ".join(f"({_expression(inner)})" for inner in filters) or NONE


def _condition(condition: Condition) -> str:
    field = field_named(condition.field)
    values = values_of(condition)
    if isinstance(field.kind, Number):
        number = max(-_LARGEST, min(_LARGEST, int(*values)))
        return f"{field.name} {_SIGNS[condition.operator]} {number}"
    if isinstance(field.kind, Moment):
        any_of = " or ".join(_within(field.name, span) for span in spans_of(condition))
        return f"not ({any_of})" if condition.operator == "!=" else any_of
    if isinstance(field.kind, Date):
        span = _SPANS[condition.operator]
        any_of = " or ".join(span.format(field.name, each, each + _LAST) for each in values)
        return f'{field.name} != "" and ({any_of})'
    has_one = _has_one(field, field.kind.asked(condition))
    return f"not ({has_one})" if condition.operator == "!=" else has_one


def _within(name: str, span: Span) -> str:
    bounds = ((">=", span.first), ("<", span.end))
    return f"({' and '.join(f'{name} {sign} {time}' for sign, time in bounds if time is not None)})"


def _has_one(field: Field, values: Sequence[Any]) -> str:
    if field.name == "id":
        return among("key", map(key_of_id, spelled(values)))
    if isinstance(field.kind, Labels):
        return _has_mark(_mark(field.name, field.kind.key(each)) for each in values)
    asked = spelled(values)
    named = [_mark(field.name, each) for each in asked if each]
    has = [_has_mark(named)] if named else []
    has += [f"not {_has_mark([_mark(field.name)])}"] if "" in asked else []
    return " or ".join(has)


def _has_mark(marks: Iterable[int]) -> str:
    return f"array_contains_any(marks, {list(marks)})"


def _mark(field: str, value: str | None = None) -> int:
    """63 bits over a field and a value; without one, over the field alone."""
    data = json.dumps([field, value]).encode()
    return int.from_bytes(blake2b(data, digest_size=8).digest()) >> 1
