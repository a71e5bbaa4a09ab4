"""From the filters of the API to those that an index understands."""

import json
from collections.abc import Iterator, Sequence

from photoseek.errors import QueryError
from photoseek.gateway.routes.request_models import Filters
from photoseek.photos import COLOUR_NAMES, colour_name
from photoseek.records import Condition, Filter
from photoseek.store.filters import filter_to_json, filters_of


def where_of(filters: Filters) -> tuple[Filter, ...]:
    """The filters, all of which must hold. Raises QueryError for one that is none."""
    return (*_conditions(filters), *filters_of(filters.where))


def characters(where: Sequence[Filter]) -> int:
    """How many characters filters have, written down."""
    return sum(len(json.dumps(filter_to_json(each))) for each in where)


def _conditions(filters: Filters) -> Iterator[Condition]:
    yield from (Condition("tags", "in", (tag,)) for tag in filters.tags)
    if filters.licence:
        yield Condition("licence", "in", tuple(filters.licence))
    if filters.photographer:
        yield Condition("photographer", "in", tuple(filters.photographer))
    if filters.orientation:
        yield Condition("orientation", "in", tuple(filters.orientation))
    if filters.colour:
        yield Condition("colours", "in", tuple(map(_colour, filters.colour)))
    if filters.min_width is not None:
        yield Condition("width", ">=", filters.min_width)
    if filters.min_height is not None:
        yield Condition("height", ">=", filters.min_height)
    if filters.taken_from:
        yield Condition("taken", ">=", filters.taken_from)
    if filters.taken_to:
        yield Condition("taken", "<=", filters.taken_to)


def _colour(value: str) -> str:
    if value in COLOUR_NAMES:
        return value
    try:
        return colour_name(value)
    except ValueError as error:
        raise QueryError(
            f"{value!r} is no colour. Give one of {', '.join(COLOUR_NAMES)}, or #rrggbb."
        ) from error
