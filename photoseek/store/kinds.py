"""The kinds of fields: what can be asked of each, what it means, and what it is counted by.

Text is compared exactly; labels without regard to case; dates as far as the value goes, so that a
photo of May 2024 satisfies "taken <= 2024-05" and an unknown date nothing at all.
"""

from __future__ import annotations

import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any, ClassVar
from unicodedata import normalize

from typing_extensions import override

from photoseek.errors import QueryError
from photoseek.records import Condition, Operator
from photoseek.store.name_words import name_words

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
_MOST_LEVELS = 32
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?", re.ASCII)
EARLIEST = "0001-01-01T00:00:00"


class Kind(ABC):
    """A kind of field. `Value` below is what a photo has there."""

    name: ClassVar[str]
    operators: ClassVar[tuple[Operator, ...]] = _EQUALITY
    unknown: ClassVar[Any] = ""
    """The value of a photo of which nothing is known there."""

    def check(self, condition: Condition) -> None:
        """Refuse an operator or a value that makes no sense here.

        Raises:
            QueryError: naming what is allowed.
        """
        if condition.operator not in self.operators:
            raise QueryError(
                f"The column {condition.field} cannot be filtered with "
                f"'{short(str(condition.operator))}'. Use one of {' '.join(self.operators)}."
            )
        values = values_of(condition)
        if not isinstance(values, tuple) or not 0 < len(values) <= _MOST_VALUES:
            raise QueryError(
                f"'in' needs a list of 1 to {_MOST_VALUES} texts; got {short(repr(values))} for "
                f"the column {condition.field}."
            )
        for value in values:
            self._check_value(condition.field, value)

    @abstractmethod
    def holds(self, condition: Condition, value: Any) -> bool:
        """Whether a photo with that value satisfies a condition that was checked."""

    def asked(self, condition: Condition) -> tuple[Any, ...]:
        """The values of which one has to fit, or with "!=" none, as engines ask for them."""
        return values_of(condition)

    @abstractmethod
    def counted(self, value: Any) -> Iterable[str]:
        """The values that a photo with that value is counted under in facets."""

    def words(self, value: Any) -> Iterable[str]:
        """The texts whose words a photo with that value is found by."""
        return self.counted(value)

    def _check_value(self, field: str, value: object) -> None:
        if not isinstance(value, str):
            raise QueryError(f"The column {field} holds text; got {value!r}. Give a text.")


class Text(Kind):
    """A text, compared exactly; but a letter and its accent may be one character or two."""

    name = "text"

    @override
    def holds(self, condition: Condition, value: str) -> bool:
        return (value in spelled(values_of(condition))) != (condition.operator == "!=")

    @override
    def counted(self, value: str) -> Iterable[str]:
        return (value,)


class Shape(Text):
    """One of some words that follow from numbers, such as the orientation from width and height."""

    name = "shape"

    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = tuple(choices)

    @override
    def _check_value(self, field: str, value: object) -> None:
        super()._check_value(field, value)
        if value not in self.choices:
            raise QueryError(
                f"The {field} of a photo is one of {', '.join(self.choices)}; "
                f"got {short(repr(value))}."
            )


class Stars(Text):
    """How good somebody found it, "1" to "5" or "-1" for a photo that was rejected, in order.

    Whether it is more or fewer is asked as whether it is one of several. An unknown one is neither.
    """

    name = "stars"
    operators = (*_ORDER, "in")
    choices = ("-1", "1", "2", "3", "4", "5")

    @override
    def asked(self, condition: Condition) -> tuple[Any, ...]:
        compare = _COMPARE.get(condition.operator)
        if compare is None or condition.operator in ("=", "!="):
            return tuple(map(str, values_of(condition)))
        number = int(*values_of(condition))
        return tuple(each for each in self.choices if compare(int(each), number))

    @override
    def holds(self, condition: Condition, value: str) -> bool:
        return (value in self.asked(condition)) != (condition.operator == "!=")

    @override
    def check(self, condition: Condition) -> None:
        super().check(condition)
        is_order = condition.operator not in _EQUALITY
        if is_order and str(condition.value) not in self.choices:
            raise QueryError(
                f"The column {condition.field} holds stars, 1 to 5; got "
                f"'{short(str(condition.value))}'. Give a number such as 3."
            )

    @override
    def _check_value(self, field: str, value: object) -> None:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        super()._check_value(field, str(value) if is_number else value)


class Labels(Kind):
    """Several texts, compared without regard to case: a photo has one or has it not."""

    name = "labels"
    unknown = ()

    counted_like: ClassVar[str] = ""
    """An expression that fits the labels that facets count; "" for all of them."""

    @override
    def holds(self, condition: Condition, value: Iterable[str]) -> bool:
        has_one = not set(map(self.key, value)).isdisjoint(map(self.key, values_of(condition)))
        return has_one != (condition.operator == "!=")

    @override
    def counted(self, value: Iterable[str]) -> Iterable[str]:
        return distinct(value)

    def key(self, label: str) -> str:
        """What a label is compared by."""
        return label_key(label)


class Folders(Labels):
    """A folder and all that it lies in, such as Travel and Travel/Italy: so filters are prefixes.

    Facets count the first two levels.
    """

    name = "folders"
    counted_like = "[^/]+(/[^/]+)?"

    @override
    def words(self, value: Iterable[str]) -> Iterable[str]:
        return map(name_words, list(value)[-1:])

    @override
    def key(self, label: str) -> str:
        return label_key("/".join(_steps(label)))


def folder_levels(folder: str) -> tuple[str, ...]:
    """A folder with all that it lies in, the outermost first; of a very deep one the beginning."""
    return tuple(accumulate(_steps(folder), "{}/{}".format))


def _steps(folder: str) -> list[str]:
    return [step for step in re.split(r"[/\\]", folder) if step.strip()][:_MOST_LEVELS]


class Number(Kind):
    """A whole number, of pixels."""

    name = "number"
    operators = _ORDER
    unknown = 0

    @override
    def holds(self, condition: Condition, value: int) -> bool:
        return _COMPARE[condition.operator](value, condition.value)

    @override
    def counted(self, value: int) -> Iterable[str]:
        return (str(value),)

    @override
    def _check_value(self, field: str, value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise QueryError(
                f"The column {field} holds whole numbers; got '{short(str(value))}'. "
                "Give a number of pixels, such as 2000."
            )


class Date(Kind):
    """A moment: "2024", "2024-05", "2024-05-01", "2024-05-01T12:30"; counted by its year."""

    name = "date"
    operators = (*_ORDER, "in")

    @override
    def holds(self, condition: Condition, value: str) -> bool:
        compare = operator.eq if condition.operator == "in" else _COMPARE[condition.operator]
        return value != "" and any(
            compare(value[: len(asked)], asked) for asked in values_of(condition)
        )

    @override
    def counted(self, value: str) -> Iterable[str]:
        return (value[:4],)

    @override
    def _check_value(self, field: str, value: object) -> None:
        super()._check_value(field, value)
        try:
            if not _DATE.fullmatch(str(value)):
                raise ValueError
            datetime.fromisoformat(f"{value}{EARLIEST[len(str(value)) :]}")
        except ValueError:
            raise QueryError(
                f"The column {field} holds dates; got '{short(str(value))}'. "
                "Give one such as 2024, 2024-05 or 2024-05-31."
            ) from None


def values_of(condition: Condition) -> tuple[Any, ...]:
    """The values of which one has to fit; before a check, "in" may have something else here."""
    value: Any = condition.value
    return value if condition.operator == "in" else (value,)


def spelled(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts, and the same as Macs may have them, with letters and accents joined or apart."""
    forms = ((text, normalize("NFC", text), normalize("NFD", text)) for text in texts)
    return tuple(dict.fromkeys(form for each in forms for form in each))


def label_key(label: str) -> str:
    """What labels are compared by: without case, and composed alike."""
    return normalize("NFC", label.casefold())


def distinct(labels: Iterable[str]) -> list[str]:
    """Those of the labels that are not the same as an earlier one."""
    by_key: dict[str, str] = {}
    for label in labels:
        by_key.setdefault(label_key(label), label)
    return list(by_key.values())


def short(text: str) -> str:
    """The text, or its beginning: short enough for a message."""
    return text if len(text) <= 60 else text[:57] + "..."
