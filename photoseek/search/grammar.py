"""Queries as people write them: `"red car" + ./pool.jpg - "snow"`, `2:"golden retriever"`.

Parts are joined by ` + ` or ` - `, with spaces around the sign. A part is a text, plain or in
quotes; a picture, as a path that begins with `./`, `../`, `~/` or `/`, or as `image:PATH`; a photo
of the index, as `id:ID`; or a picture's embedding, as `vector:...`, which is how a link remembers
a picture. A number and a colon before a part is its weight. What fits none of these is a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from photoseek.errors import QueryError

Kind = Literal["text", "image", "id", "vector"]

MAX_PARTS = 16
MAX_WEIGHT = 10.0
MAX_TEXT = 2_000
"""Characters of a text. CLIP reads the first 77 tokens only."""

_NAMED: tuple[Kind, ...] = ("image", "id", "vector")
_OPERATOR = re.compile(r"\s[+-](?=\s|$)")
_LEADING = re.compile(r"([+-])(?=[\s\"])")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
# 16:9 and 10:30 are texts.
_WEIGHT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}):(?=[^\s0-9])")
_PATH = re.compile(r"(?:\.{1,2}/|~/|/(?=\S))")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class QueryPart:
    """One part of a query.

    `value` is the text, the path or the bytes of a picture, a photo's id, or an embedding as
    `photoseek.search.tokens.to_token` writes it. `weight` is in [-10, 10] and not 0; below 0 the
    part is what the photos should not show.
    """

    kind: Kind
    value: str | bytes
    weight: float = 1.0


def parse_query(text: str) -> list[QueryPart]:
    """The parts of a query as people write it; none for an empty one.

    Raises:
        QueryError: a part is empty, its weight is beyond the limits, or there are too many.
    """
    pieces = list(_pieces(text.strip())) if text.strip() else []
    if len(pieces) > MAX_PARTS:
        raise QueryError(f"The query has {len(pieces)} parts; at most {MAX_PARTS} are allowed.")
    return [_part(piece, sign) for piece, sign in pieces]


def write_query(parts: Sequence[QueryPart]) -> str:
    """The query that `parse_query` reads as these parts; of a picture's bytes it writes `...`."""
    if len(parts) == 1 and parts[0].kind == "text" and _stands_bare(parts[0]):
        return str(parts[0].value)
    written = ""
    for part in parts:
        value = part.value if isinstance(part.value, str) else "..."
        sign = "-" if part.weight < 0 else "+" if written else ""
        weight = "" if abs(part.weight) == 1 else f"{abs(part.weight):.4g}:"
        named = "" if part.kind == "text" else f"{part.kind}:"
        value = value if part.kind == "vector" else _quote(value)
        written += f" {sign} {weight}{named}{value}" if sign else f"{weight}{named}{value}"
    return written.strip()


def check_weight(weight: float) -> float:
    """The weight, where it is one. Raises QueryError."""
    if not 0 < abs(weight) <= MAX_WEIGHT:
        raise QueryError(
            f"A part has the weight {weight:g}. Give one between -{MAX_WEIGHT:g} and "
            f"{MAX_WEIGHT:g} that is not 0."
        )
    return weight


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    """Each part with its sign, split at the operators outside of quotes."""
    sign = 1
    if leading := _LEADING.match(text):
        sign = -1 if leading[1] == "-" else 1
        text = text[leading.end() :]
    start = at = 0
    quotes = True
    while at < len(text):
        if quotes and text[at] == '"':
            quoted = _QUOTED.match(text, at)
            quotes = quoted is not None  # none is closed behind one that is not
            at = quoted.end() if quoted else at + 1
        elif found := _OPERATOR.match(text, at):
            yield text[start:at].strip(), sign
            sign = -1 if found[0].endswith("-") else 1
            start = at = found.end()
        else:
            at += 1
    yield text[start:].strip(), sign


def _part(piece: str, sign: int) -> QueryPart:
    weight, rest = 1.0, piece
    if number := _WEIGHT.match(piece):
        weight, rest = float(number[1]), piece[number.end() :]
    if not rest:
        raise QueryError(
            "A part of the query is empty. Write something on both sides of + and -, or put a "
            'text that contains them in quotes: "black - white".'
        )
    check_weight(weight)
    kind, value = _read(rest)
    if kind == "text" and len(value) > MAX_TEXT:
        raise QueryError(
            f"A text of the query has {len(value)} characters; at most {MAX_TEXT} are allowed."
        )
    if not value.strip():
        raise QueryError(
            f"The part {piece} of the query is empty. Say what should be on the photo."
        )
    return QueryPart(kind, value, sign * weight)


def _read(text: str) -> tuple[Kind, str]:
    for kind in _NAMED:
        if text.startswith(f"{kind}:"):
            value = text[len(kind) + 1 :]
            if unquoted := _unquoted(value):
                return kind, unquoted
            if value and not re.search(r"\s", value):
                return kind, value
    if (unquoted := _unquoted(text)) is not None:
        return "text", unquoted
    if _PATH.match(text):
        return "image", text
    return "text", text


def _unquoted(text: str) -> str | None:
    quoted = _QUOTED.fullmatch(text)
    return _ESCAPED.sub(r"\1", quoted[1]) if quoted else None


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _stands_bare(part: QueryPart) -> bool:
    try:
        return parse_query(str(part.value)) == [part]
    except QueryError:
        return False
