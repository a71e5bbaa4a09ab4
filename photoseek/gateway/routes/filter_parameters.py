"""From the filters of the API to those that the index understands."""

from __future__ import annotations

from collections.abc import Iterator

from photoseek.errors import QueryError
from photoseek.gateway.routes.filter_models import Filters
from photoseek.gateway.work import MAX_CHARACTERS
from photoseek.photos import COLOUR_NAMES, colour_name
from photoseek.records import Condition, Filter
from photoseek.store import parse_filter
from photoseek.store.fields import FIELDS, Field
from photoseek.store.kinds import Date, Number


def where_of(given: Filters | Filter) -> tuple[Filter, ...]:
    """The filters that all have to hold.

    Raises:
        QueryError: a colour or a filter makes no sense, or all filters together are too long.
    """
    if not isinstance(given, Filters):
        return (given,)
    if (characters := sum(map(len, given.where))) > MAX_CHARACTERS:
        raise QueryError(
            f"The filters of one request may have {MAX_CHARACTERS} characters; these have "
            f"{characters}. Send several requests."
        )
    conditions = (each for field in FIELDS if field.parameter for each in _asked(field, given))
    return (*conditions, *map(parse_filter, given.where))


def _asked(field: Field, given: Filters) -> Iterator[Condition]:
    if isinstance(field.kind, Date):
        if (first := getattr(given, f"{field.parameter}_from")) is not None:
            yield Condition(field.name, ">=", first)
        if (last := getattr(given, f"{field.parameter}_to")) is not None:
            yield Condition(field.name, "<=", last)
        return
    value = getattr(given, field.parameter)
    if isinstance(field.kind, Number):
        if value is not None:
            yield Condition(field.name, ">=", value)
        return
    values = tuple(map(_colour, value)) if field.name == "colours" else tuple(value)
    if field.every:
        yield from (Condition(field.name, "=", each) for each in values)
    elif values:
        yield Condition(field.name, "in", values)


def _colour(value: str) -> str:
    if value in COLOUR_NAMES:
        return value
    try:
        return colour_name(value)
    except ValueError as error:
        raise QueryError(
            f"{value!r} is no colour. Give one of {', '.join(COLOUR_NAMES)}, or #rrggbb."
        ) from error
