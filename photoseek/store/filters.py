"""Filters: from the command line, into SQL, and in plain Python.

`!=` on tags and colours means that the photo does not have that one, `in` that the photo has any
of several values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import get_args

from photoseek.errors import QueryError
from photoseek.records import Condition, Operator, StoredPhoto
from photoseek.store.fields import Column, Date, Labels, Number, Shape, Text, short

_COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Labels("tags", "tag_keys", lambda stored: stored.photo.tags),
        Text("id", lambda stored: stored.photo.id),
        Text("uri", lambda stored: stored.photo.uri),
        Text("caption", lambda stored: stored.photo.caption),
        Text("photographer", lambda stored: stored.photo.photographer),
        Text("licence", lambda stored: stored.photo.licence),
        Text("source_url", lambda stored: stored.photo.source_url),
        Text("content_hash", lambda stored: stored.content_hash),
        Number("width", lambda stored: stored.width),
        Number("height", lambda stored: stored.height),
        Shape("orientation"),
        Labels("colours", "colours", lambda stored: stored.traits.colours),
        Date("taken", lambda stored: stored.traits.taken),
    )
}

_SYMBOLS: dict[str, Operator] = {**{symbol: symbol for symbol in get_args(Operator)}, "==": "="}
_WRITTEN = re.compile(r"\s*(\w+)\s*(!=|<=|>=|==?|<|>|\bin\b)(.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}")


def parse_condition(text: str) -> Condition:
    """A condition as people write it: "licence=CC0-1.0", "width >= 2000", "tags=beach".

    Several values are a JSON list: 'licence in ["CC0-1.0", "MIT"]'. Raises `QueryError` naming
    what is allowed.
    """
    written = _WRITTEN.fullmatch(text)
    if not written:
        raise QueryError(
            f"'{short(text)}' is no filter. Write a column, an operator and a value, "
            "such as licence=CC0-1.0 or width>=2000."
        )
    name, sign, value = written.groups()
    value = value.strip()  # by the expression itself, a long run of spaces would take hours
    symbol = _SYMBOLS[sign]
    if symbol == "in":
        return _checked(Condition(name, symbol, _list(value)))
    if isinstance(_COLUMNS.get(name), Number) and _NUMBER.fullmatch(value):
        return _checked(Condition(name, symbol, int(value)))
    return _checked(Condition(name, symbol, value))


def to_sql(conditions: Sequence[Condition]) -> str | None:
    """One SQL predicate for all conditions, or None for no condition."""
    checked = map(_checked, conditions)
    return " AND ".join(_COLUMNS[each.column].sql(each) for each in checked) or None


def matches(conditions: Sequence[Condition], stored: StoredPhoto) -> bool:
    """Whether a photo satisfies all conditions."""
    # All are checked before the first is asked, so that a wrong one never hides behind a false one.
    checked = [_checked(condition) for condition in conditions]
    return all(_COLUMNS[each.column].holds(each, stored) for each in checked)


def _checked(condition: Condition) -> Condition:
    if condition.column not in _COLUMNS:
        raise QueryError(
            f"There is no column '{short(condition.column)}' to filter on. "
            f"Use one of {', '.join(_COLUMNS)}."
        )
    _COLUMNS[condition.column].check(condition)
    return condition


def _list(text: str) -> tuple[str, ...]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, list):
        raise QueryError(
            f"'{short(text)}' is no list. After 'in' write one in JSON, "
            'such as licence in ["CC0-1.0", "MIT"].'
        )
    return tuple(values)
