"""Filters: from the command line, into SQL, and in plain Python.

Text is compared exactly, tags without regard to case, numbers by size. `!=` on tags means
that the photo does not have that tag.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

from photoseek.errors import QueryError
from photoseek.records import Condition, Operator, StoredPhoto
from photoseek.store.text import to_text

_READ_TEXT: dict[str, Callable[[StoredPhoto], str]] = {
    "id": lambda stored: stored.photo.id,
    "uri": lambda stored: stored.photo.uri,
    "caption": lambda stored: stored.photo.caption,
    "photographer": lambda stored: stored.photo.photographer,
    "licence": lambda stored: stored.photo.licence,
    "source_url": lambda stored: stored.photo.source_url,
    "content_hash": lambda stored: stored.content_hash,
}
_READ_NUMBER: dict[str, Callable[[StoredPhoto], int]] = {
    "width": lambda stored: stored.width,
    "height": lambda stored: stored.height,
}
_TAGS = "tags"
COLUMNS = (_TAGS, *_READ_TEXT, *_READ_NUMBER)

_OPERATORS: tuple[Operator, ...] = get_args(Operator)
_SYMBOLS: dict[str, Operator] = {**{symbol: symbol for symbol in _OPERATORS}, "==": "="}
_EQUALITY: tuple[Operator, ...] = ("=", "!=")
_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WRITTEN = re.compile(r"\s*(\w+)\s*(!=|<=|>=|==?|<|>)\s*(.*?)\s*", re.DOTALL)
# Larger than any picture, and a literal that an int64 column takes.
_LARGEST = 2**62


def parse_condition(text: str) -> Condition:
    """A condition as people write it: "licence=CC0-1.0", "width >= 2000", "tags=beach".

    Raises `QueryError` naming what is allowed.
    """
    written = _WRITTEN.fullmatch(text)
    if not written:
        raise QueryError(
            f"'{_short(text)}' is no filter. Write a column, an operator and a value, "
            "such as licence=CC0-1.0 or width>=2000."
        )
    column, sign, value = written.groups()
    symbol = _SYMBOLS[sign]
    if column not in _READ_NUMBER:
        return _checked(Condition(column, symbol, value))
    if not re.fullmatch(r"[+-]?[0-9]{1,30}", value):
        raise _wrong_number(column, value)
    return _checked(Condition(column, symbol, int(value)))


def to_sql(conditions: Sequence[Condition]) -> str | None:
    """One SQL predicate for all conditions, or None for no condition."""
    return " AND ".join(_sql(_checked(condition)) for condition in conditions) or None


def matches(conditions: Sequence[Condition], stored: StoredPhoto) -> bool:
    """Whether a photo satisfies all conditions."""
    # All are checked before the first is asked, so that a wrong one never hides behind a false one.
    checked = [_checked(condition) for condition in conditions]
    return all(_holds(condition, stored) for condition in checked)


def in_sql(column: str, values: Iterable[str]) -> str:
    """A predicate that holds where a text column has one of the values; at least one is given."""
    return f"{column} IN ({', '.join(map(_literal, values))})"


def tag_key(tag: str) -> str:
    """What tags are compared by: without case, and composed alike."""
    return unicodedata.normalize("NFC", tag.casefold())


def _checked(condition: Condition) -> Condition:
    column, value = condition.column, condition.value
    if column not in COLUMNS:
        raise QueryError(
            f"There is no column '{_short(column)}' to filter on. Use one of {', '.join(COLUMNS)}."
        )
    allowed = _OPERATORS if column in _READ_NUMBER else _EQUALITY
    if condition.operator not in allowed:
        raise QueryError(
            f"The column {column} cannot be filtered with '{_short(str(condition.operator))}'. "
            f"Use one of {' '.join(allowed)}."
        )
    if column in _READ_NUMBER and (not isinstance(value, int) or isinstance(value, bool)):
        raise _wrong_number(column, value)
    if column not in _READ_NUMBER and not isinstance(value, str):
        raise QueryError(f"The column {column} holds text; got {value!r}. Give a text.")
    return condition


def _wrong_number(column: str, value: object) -> QueryError:
    return QueryError(
        f"The column {column} holds whole numbers; got '{_short(str(value))}'. "
        "Give a number of pixels, such as 2000."
    )


def _sql(condition: Condition) -> str:
    column, value = condition.column, condition.value
    if isinstance(value, int):
        return f"{column} {condition.operator} {max(-_LARGEST, min(_LARGEST, value))}"
    if column != _TAGS:
        return f"{column} {condition.operator} {_literal(value)}"
    has_tag = f"array_has(tag_keys, {_literal(tag_key(value))})"
    return has_tag if condition.operator == "=" else f"NOT {has_tag}"


def _literal(value: str) -> str:
    # DataFusion knows no backslash escapes: a doubled quote is all there is to escape.
    return "'" + to_text(value).replace("'", "''") + "'"


def _holds(condition: Condition, stored: StoredPhoto) -> bool:
    column, value = condition.column, condition.value
    if column == _TAGS:
        has_tag = tag_key(str(value)) in {tag_key(tag) for tag in stored.photo.tags}
        return has_tag == (condition.operator == "=")
    read = _READ_NUMBER.get(column) or _READ_TEXT[column]
    return _COMPARE[condition.operator](read(stored), value)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
