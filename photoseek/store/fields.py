"""What can be asked of each column: in SQL, and in plain Python.

Text is compared exactly; tags and colours without regard to case; dates as far as the value goes,
so that a photo of May 2024 satisfies "taken <= 2024-05" and an unknown date nothing at all.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, ClassVar, get_args

from typing_extensions import override

from photoseek.errors import QueryError
from photoseek.records import Condition, Operator, Orientation, StoredPhoto
from photoseek.store.lance.escaping import to_text

_EQUALITY: tuple[Operator, ...] = ("=", "!=", "in")
_ORDER: tuple[Operator, ...] = ("=", "!=", "<", "<=", ">", ">=")
_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MOST_VALUES = 1000
# Larger than any picture, and a literal that an int64 column takes.
_LARGEST = 2**62
_SHAPES = {"landscape": "width > height", "portrait": "width < height", "square": "width = height"}
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?", re.ASCII)
_EARLIEST = "0001-01-01T00:00:00"
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


class Column(ABC):
    """One column to filter on."""

    operators: ClassVar[tuple[Operator, ...]] = _EQUALITY

    def __init__(self, name: str) -> None:
        self.name = name

    def check(self, condition: Condition) -> None:
        """Raises `QueryError` for an operator or a value that makes no sense here."""
        if condition.operator not in self.operators:
            raise QueryError(
                f"The column {self.name} cannot be filtered with "
                f"'{short(str(condition.operator))}'. Use one of {' '.join(self.operators)}."
            )
        values = _values(condition)
        if not isinstance(values, tuple) or not 0 < len(values) <= _MOST_VALUES:
            raise QueryError(
                f"'in' needs a list of 1 to {_MOST_VALUES} texts; got {short(repr(values))} for "
                f"the column {self.name}."
            )
        for value in values:
            self._check_value(value)

    @abstractmethod
    def sql(self, condition: Condition) -> str:
        """A condition that was checked, as a predicate."""

    @abstractmethod
    def holds(self, condition: Condition, stored: StoredPhoto) -> bool:
        """Whether a photo satisfies a condition that was checked."""

    def _check_value(self, value: object) -> None:
        if not isinstance(value, str):
            raise QueryError(f"The column {self.name} holds text; got {value!r}. Give a text.")


class _Equality(Column):
    """A column whose photos have one or several keys: they have one of the values or not."""

    @override
    def sql(self, condition: Condition) -> str:
        has_one = self._has_one([self._key(value) for value in _values(condition)])
        return f"NOT ({has_one})" if condition.operator == "!=" else f"({has_one})"

    @override
    def holds(self, condition: Condition, stored: StoredPhoto) -> bool:
        has_one = not self._keys(stored).isdisjoint(map(self._key, _values(condition)))
        return has_one != (condition.operator == "!=")

    def _key(self, value: str) -> str:
        return value

    @abstractmethod
    def _has_one(self, keys: list[str]) -> str: ...

    @abstractmethod
    def _keys(self, stored: StoredPhoto) -> set[str]: ...


class Text(_Equality):
    """A text, compared exactly."""

    def __init__(self, name: str, read: Callable[[StoredPhoto], str]) -> None:
        super().__init__(name)
        self._read = read

    def _has_one(self, keys: list[str]) -> str:
        return in_sql(self.name, keys)

    def _keys(self, stored: StoredPhoto) -> set[str]:
        return {self._read(stored)}


class Labels(_Equality):
    """Several texts, compared without regard to case; `stored_as` holds their keys."""

    def __init__(
        self, name: str, stored_as: str, read: Callable[[StoredPhoto], Iterable[str]]
    ) -> None:
        super().__init__(name)
        self._stored_as = stored_as
        self._read = read

    def _key(self, value: str) -> str:
        return label_key(value)

    def _has_one(self, keys: list[str]) -> str:
        if len(keys) == 1:
            return f"array_has({self._stored_as}, {_literal(keys[0])})"
        return f"array_has_any({self._stored_as}, [{', '.join(map(_literal, keys))}])"

    def _keys(self, stored: StoredPhoto) -> set[str]:
        return set(map(label_key, self._read(stored)))


class Shape(_Equality):
    """The orientation, which width and height tell."""

    def _check_value(self, value: object) -> None:
        super()._check_value(value)
        if value not in _SHAPES:
            raise QueryError(
                f"The {self.name} of a photo is one of {', '.join(get_args(Orientation))}; "
                f"got {short(repr(value))}."
            )

    def _has_one(self, keys: list[str]) -> str:
        return " OR ".join(_SHAPES[key] for key in keys)

    def _keys(self, stored: StoredPhoto) -> set[str]:
        return {stored.orientation}


class Number(Column):
    """A number of pixels."""

    operators = _ORDER

    def __init__(self, name: str, read: Callable[[StoredPhoto], int]) -> None:
        super().__init__(name)
        self._read = read

    @override
    def sql(self, condition: Condition) -> str:
        value = max(-_LARGEST, min(_LARGEST, int(*_values(condition))))
        return f"{self.name} {condition.operator} {value}"

    @override
    def holds(self, condition: Condition, stored: StoredPhoto) -> bool:
        return _COMPARE[condition.operator](self._read(stored), condition.value)

    def _check_value(self, value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise QueryError(
                f"The column {self.name} holds whole numbers; got '{short(str(value))}'. "
                "Give a number of pixels, such as 2000."
            )


class Date(Column):
    """When a photo was taken: "2024", "2024-05", "2024-05-01", "2024-05-01T12:30"."""

    operators = (*_ORDER, "in")

    def __init__(self, name: str, read: Callable[[StoredPhoto], str]) -> None:
        super().__init__(name)
        self._read = read

    @override
    def sql(self, condition: Condition) -> str:
        any_of = " OR ".join(
            _SPANS[condition.operator].format(self.name, _literal(value), _literal(value + _LAST))
            for value in _values(condition)
        )
        return f"({self.name} != '' AND ({any_of}))"

    @override
    def holds(self, condition: Condition, stored: StoredPhoto) -> bool:
        date = self._read(stored)
        compare = operator.eq if condition.operator == "in" else _COMPARE[condition.operator]
        return date != "" and any(
            compare(date[: len(value)], value) for value in _values(condition)
        )

    def _check_value(self, value: object) -> None:
        super()._check_value(value)
        try:
            if not _DATE.fullmatch(str(value)):
                raise ValueError
            datetime.fromisoformat(f"{value}{_EARLIEST[len(str(value)) :]}")
        except ValueError:
            raise QueryError(
                f"The column {self.name} holds dates; got '{short(str(value))}'. "
                "Give one such as 2024, 2024-05 or 2024-05-31."
            ) from None


def in_sql(column: str, values: Iterable[str]) -> str:
    """A predicate that holds where a text column has one of the values; at least one is given."""
    return f"{column} IN ({', '.join(map(_literal, values))})"


def label_key(label: str) -> str:
    """What tags and colours are compared by: without case, and composed alike."""
    return unicodedata.normalize("NFC", label.casefold())


def distinct(labels: Iterable[str]) -> list[str]:
    """Those of the labels that are not the same as an earlier one."""
    by_key: dict[str, str] = {}
    for label in labels:
        by_key.setdefault(label_key(label), label)
    return list(by_key.values())


def short(text: str) -> str:
    """The text, or its beginning: short enough for a message."""
    return text if len(text) <= 60 else text[:57] + "..."


def _values(condition: Condition) -> tuple[Any, ...]:
    value: Any = condition.value  # "in" may still have something else than a tuple here
    return value if condition.operator == "in" else (value,)


def _literal(value: str) -> str:
    # DataFusion knows no backslash escapes: a doubled quote is all there is to escape.
    return "'" + to_text(value).replace("'", "''") + "'"
