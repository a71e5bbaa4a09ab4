"""When a photo was indexed: as stores keep it, and as filters ask for it, always in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from photoseek.records import Condition, Operator
from photoseek.store.kinds import EARLIEST, Date, values_of

_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)
_WRITTEN = "%Y-%m-%dT%H:%M:%S.%f"
_LENGTHS = {10: timedelta(days=1), 13: timedelta(hours=1), 16: timedelta(minutes=1)}
_SECOND = timedelta(seconds=1)


def moment_of(microseconds: int) -> datetime:
    """The time in UTC that a store has kept."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds_of(moment: datetime) -> int:
    """What a store keeps of a time: microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


class Span(NamedTuple):
    """The times from `first` on and before `end`, in microseconds since 1970; None is no bound."""

    first: int | None
    end: int | None


class Moment(Date):
    """A time in UTC, which is asked for as a date is: a year, a month, a day or a part of one."""

    name = "time"


def text_of(moment: datetime | None) -> str:
    """A time as conditions are compared with it, or "" for none."""
    return "" if moment is None else moment.astimezone(UTC).strftime(_WRITTEN)


def spans_of(condition: Condition) -> list[Span]:
    """The spans of which a time has to lie in one, or with "!=" in none."""
    return [_span(condition.operator, *_bounds(value)) for value in values_of(condition)]


def _span(operator: Operator, begins: int, ends: int) -> Span:
    spans: dict[Operator, Span] = {
        "<": Span(None, begins),
        "<=": Span(None, ends),
        ">": Span(ends, None),
        ">=": Span(begins, None),
    }
    return spans.get(operator, Span(begins, ends))


def _bounds(text: str) -> tuple[int, int]:
    """When what a text says begins, and when it is over."""
    begins = datetime.fromisoformat(text + EARLIEST[len(text) :]).replace(tzinfo=UTC)
    try:
        ends = _end(begins, len(text))
    except (OverflowError, ValueError):
        ends = datetime.max.replace(tzinfo=UTC)
    return microseconds_of(begins), microseconds_of(ends)


def _end(begins: datetime, length: int) -> datetime:
    if length == len("2024"):
        return begins.replace(year=begins.year + 1)
    if length == len("2024-05"):
        years, month = divmod(begins.month, 12)
        return begins.replace(year=begins.year + years, month=month + 1)
    return begins + _LENGTHS.get(length, _SECOND)
