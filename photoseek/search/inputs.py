"""What is to be embedded, searched by or not: texts and pictures, each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from photoseek.errors import QueryError
from photoseek.search.grammar import QueryPart, checked_part, parse_query, with_pictures

Input: TypeAlias = "str | bytes | Path"
"""A text, or a picture by its bytes or its path."""

MAX_INPUTS = 256
"""What one request to a gateway may have embedded."""


def parts_of(inputs: Sequence[Input]) -> list[QueryPart]:
    """Texts and pictures as parts of queries, files read.

    Raises:
        QueryError: a text is empty or too long, or a file cannot be read; it says which.
    """
    if isinstance(inputs, str | bytes | Path):
        raise QueryError("Give a list of texts and pictures, also where there is one of them.")
    return [each for place, given in enumerate(inputs) for each in _parts(place, given)]


def read(query: str | Sequence[QueryPart]) -> list[QueryPart]:
    """The parts of a query, pictures read.

    Raises:
        QueryError: it makes no sense, or a file cannot be read.
    """
    parts = parse_query(query) if isinstance(query, str) else map(checked_part, query)
    return with_pictures(list(parts))


def read_all(queries: Sequence[str | Sequence[QueryPart]]) -> list[list[QueryPart]]:
    """The parts of each of several queries, pictures read.

    Raises:
        QueryError: one of them makes no sense; it says which.
    """
    if isinstance(queries, str):
        raise QueryError("Give a list of queries, also where there is one of them.")
    parts: list[list[QueryPart]] = []
    for place, query in enumerate(queries):
        try:
            parts.append(read(query))
        except QueryError as error:
            raise of_search(place, error) from error
    return parts


def of_search(place: int, error: QueryError) -> QueryError:
    """An error of one of several searches, which says of which."""
    return QueryError(f"searches[{place}]: {error}")


def at_place(place: int, error: QueryError) -> QueryError:
    """The same error, which says which input it is about."""
    return QueryError(f"inputs[{place}]: {error}")


def _parts(place: int, given: Input) -> list[QueryPart]:
    try:
        if isinstance(given, str):
            return [checked_part(QueryPart("text", given))]
        picture = given if isinstance(given, bytes) else str(given)
        return with_pictures([QueryPart("image", picture)])
    except QueryError as error:
        raise at_place(place, error) from error
