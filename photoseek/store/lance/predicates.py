"""Filters as predicates in the SQL of DataFusion, which Lance filters with."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from photoseek.records import AllOf, AnyOf, Condition, Filter, Not, Operator, Place, Sort
from photoseek.store.escaping import from_text, to_text
from photoseek.store.fields import BY_NAME, METADATA, Field, field_named
from photoseek.store.filters import checked
from photoseek.store.kinds import Date, Labels, Number, Shape, spelled, values_of
from photoseek.store.lance.columns import DERIVED, columns_of, keys_column
from photoseek.store.lance.own_pairs import METADATA_OF_RECORD
from photoseek.store.moments import Moment, Span, spans_of

# Larger than any picture, and a literal that an int64 column takes.
_LARGEST = 2**62
_SHAPES = {"landscape": "width > height", "portrait": "width < height", "square": "width = height"}
_LAST = "~"  # after all that a date may go on with
_WITHIN = "({0} >= {1} AND {0} < {2})"
_SPANS: dict[Operator, str] = {
    "=": _WITHIN,
    "in": _WITHIN,
    "!=": f"NOT {_WITHIN}",
    "<": "{0} < {1}",
    "<=": "{0} < {2}",
    ">": "{0} >= {2}",
    ">=": "{0} >= {1}",
}
_METADATA = f"concat(',', {METADATA_OF_RECORD})"
_ALWAYS = "id IS NOT NULL"
_NEVER = "id IS NULL"


def predicate_of(where: Sequence[Filter], columns: Collection[str]) -> str | None:
    """One predicate for all filters, or None for no filter.

    A table of an older version may lack some of the `columns`: to it, nothing is known there.

    Raises:
        QueryError: for filters that make no sense.
    """
    return " AND ".join(_predicate(each, columns) for each in checked(where)) or None


def after_in_sql(sort: Sort, after: Place) -> str:
    """A predicate that holds for photos after a place, among those that have a value or not."""
    if not after.value:
        return f"id > {_literal(after.id)}"
    # Hidden from the index of ids, which would list all that come later, of whatever value.
    is_later = f"concat(id, '') > {_literal(after.id)}"
    alike = f"{sort.field} = {_value(sort.field, after.value)}"
    return f"({beyond_in_sql(sort, after.value)} OR ({alike} AND {is_later}))"


def beyond_in_sql(sort: Sort, value: str | int) -> str:
    """A predicate that holds for photos of values that come after that one in an order."""
    return f"{sort.field} {'>' if sort.ascending else '<'} {_value(sort.field, value)}"


def from_in_sql(sort: Sort, value: str | int) -> str:
    """A predicate that holds for photos of that value and all that come after them in an order."""
    return f"{sort.field} {'>=' if sort.ascending else '<='} {_value(sort.field, value)}"


def until_in_sql(sort: Sort, value: str | int) -> str:
    """A predicate that holds for photos of that value and all that come before them in an order."""
    return from_in_sql(replace(sort, ascending=not sort.ascending), value)


def up_to_id_in_sql(last: str) -> str:
    """A predicate that holds for photos up to an id, which is given as it is stored."""
    return f"id <= {_literal(from_text(last))}"


def in_sql(column: str, values: Iterable[str]) -> str:
    """A predicate that holds where a text column has one of the values; at least one is given."""
    return f"{column} IN ({', '.join(map(_literal, values))})"


def _predicate(each: Filter, columns: Collection[str]) -> str:
    match each:
        case Condition():
            return _condition(each, columns)
        case Not(inner):
            return f"NOT ({_predicate(inner, columns)})"
        case AllOf(filters):
            return _joined(" AND ", filters, columns) or _ALWAYS
        case AnyOf(filters):
            return _joined(" OR ", filters, columns) or _NEVER


def _joined(word: str, filters: Iterable[Filter], columns: Collection[str]) -> str:
    joined = word.join(_predicate(each, columns) for each in filters)
    return joined and f"({joined})"


def _condition(condition: Condition, columns: Collection[str]) -> str:
    field = field_named(condition.field)
    name = field.name if field.name in columns else DERIVED.get(field.name, field.name)
    if name == field.name in BY_NAME and not set(columns_of(field)) <= set(columns):
        return _ALWAYS if field.kind.holds(condition, field.kind.unknown) else _NEVER
    if isinstance(field.kind, Number):
        value = max(-_LARGEST, min(_LARGEST, int(*values_of(condition))))
        return f"({name}) {condition.operator} {value}"
    if isinstance(field.kind, Moment):
        within = " OR ".join(_within(field.name, span) for span in spans_of(condition))
        return f"NOT ({within})" if condition.operator == "!=" else f"({within})"
    if isinstance(field.kind, Date):
        any_of = " OR ".join(
            _SPANS[condition.operator].format(field.name, _literal(value), _literal(value + _LAST))
            for value in values_of(condition)
        )
        return f"({field.name} != '' AND ({any_of}))"
    has_one = _has_one(field, field.kind.asked(condition))
    return f"NOT ({has_one})" if condition.operator == "!=" else f"({has_one})"


def _within(name: str, span: Span) -> str:
    bounds = ((">=", span.first), ("<", span.end))
    signed = [f"{name} {sign} {_time(time)}" for sign, time in bounds if time is not None]
    return f"({' AND '.join(signed)})"


def _value(name: str, value: str | int) -> str:
    if isinstance(value, str):
        return _literal(value)
    return _time(value) if isinstance(BY_NAME[name].kind, Moment) else str(value)


def _time(microseconds: int) -> str:
    # No TIMESTAMP '...', which counts nanoseconds and ends in 2262.
    return f"arrow_cast({microseconds}, 'Timestamp(Microsecond, Some(\"UTC\"))')"


def _has_one(field: Field, values: Sequence[Any]) -> str:
    if isinstance(field.kind, Shape):
        return " OR ".join(_SHAPES[value] for value in values)
    if field.name.startswith(METADATA):
        name = field.name.removeprefix(METADATA)
        return " OR ".join(_in_metadata(name, each) for each in spelled(values))
    if not isinstance(field.kind, Labels):
        return in_sql(field.name, spelled(values))
    keys, column = [_literal(field.kind.key(value)) for value in values], keys_column(field)
    if len(keys) == 1:
        return f"array_has({column}, {keys[0]})"
    return f"array_has_any({column}, [{', '.join(keys)}])"


def _in_metadata(name: str, value: str) -> str:
    """A predicate on the record, which is JSON: no quote within a text stands there as it is."""
    key = f",{json.dumps(name)}:"
    has = f"strpos({_METADATA}, {_literal(key + json.dumps(value))}) > 0"
    return has if value else f"{has} OR strpos({_METADATA}, {_literal(key)}) = 0"


def _literal(value: str) -> str:
    # DataFusion knows no backslash escapes: a doubled quote is all there is to escape.
    return "'" + to_text(value).replace("'", "''") + "'"
