"""From the filters of the API to the conditions that the index understands."""

import json
from collections.abc import Iterator

from photoseek.errors import QueryError
from photoseek.gateway.routes.request_models import Filters
from photoseek.photos import COLOUR_NAMES, colour_name


def where_of(filters: Filters) -> list[str]:
    """Conditions as `photoseek.store.parse_condition` reads them.

    Raises QueryError for a colour that is none.
    """
    return [*_conditions(filters), *filters.where]


def _conditions(filters: Filters) -> Iterator[str]:
    yield from (_any_of("tags", [tag]) for tag in filters.tags)
    if filters.licence:
        yield _any_of("licence", filters.licence)
    if filters.photographer:
        yield _any_of("photographer", filters.photographer)
    if filters.orientation:
        yield _any_of("orientation", list(filters.orientation))
    if filters.colour:
        yield _any_of("colours", [_colour(colour) for colour in filters.colour])
    if filters.min_width is not None:
        yield f"width >= {filters.min_width}"
    if filters.min_height is not None:
        yield f"height >= {filters.min_height}"
    if filters.taken_from:
        yield f"taken >= {filters.taken_from}"
    if filters.taken_to:
        yield f"taken <= {filters.taken_to}"


def _any_of(column: str, values: list[str]) -> str:
    return f"{column} in {json.dumps(values)}"


def _colour(value: str) -> str:
    if value in COLOUR_NAMES:
        return value
    try:
        return colour_name(value)
    except ValueError as error:
        raise QueryError(
            f"{value!r} is no colour. Give one of {', '.join(COLOUR_NAMES)}, or #rrggbb."
        ) from error
