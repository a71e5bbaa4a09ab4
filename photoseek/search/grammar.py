r"""Queries as people write them: `"red car" + ./pool.jpg - "snow"`, `2:"golden retriever"`.

Parts are joined by ` + ` or ` - `, with spaces around the sign. A part is a text, plain or in
quotes; a picture, as a path that begins with `./`, `../`, `~/` or `/`, as Windows has it (`C:\`,
`.\`), or as `image:PATH`; a photo of the index, as `id:ID`; or a picture's embedding, as
`vector:...`, which is how a link remembers a picture. A number and a colon before a part is its
weight. What fits none of these is a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from photoseek.description_limits import clean
from photoseek.errors import QueryError

Kind = Literal["text", "image", "id", "vector"]

MAX_PARTS = 16
MAX_WEIGHT = 10.0
MAX_TEXT = 2_000
"""Characters of a text. CLIP reads the first 77 tokens only."""

EMPTY = "The query is empty. Say what should be on the photo: red car at night."

_NAMED: tuple[Kind, ...] = ("image", "id", "vector")
_OPERATOR = re.compile(r"\s[+-](?=\s|$)")
_LEADING = re.compile(r"([+-])(?=[\s\"])")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
# 16:9 and 10:30 are texts.
_WEIGHT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}):(?=[^\s0-9])")
_PATH = re.compile(r"\.{1,2}[/\\]|~[/\\]|/(?=\S)|[A-Za-z]:[/\\](?=\S)|\\\\(?=\w)")
# A path of Windows in quotes, as people write it: what we write has each "\" twice.
_OF_WINDOWS = re.compile(r'"(?:[A-Za-z]:\\[^\\"]|\\\\[^\\"])[^"]*"')
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

    @classmethod
    def of(
        cls,
        *,
        text: str | None = None,
        image: str | bytes | None = None,
        id: str | None = None,  # noqa: A002 -- what everyone calls it
        vector: str | None = None,
        weight: float = 1.0,
    ) -> QueryPart:
        """The part that is exactly one of a text, a picture, a photo's id or an embedding.

        Raises:
            QueryError: it is none or several of them, or `checked_part` refuses it.
        """
        values: dict[Kind, str | bytes | None]
        values = {"text": text, "image": image, "id": id, "vector": vector}
        given = [(kind, value) for kind, value in values.items() if value is not None]
        if len(given) != 1:
            raise QueryError(
                "A part of a query needs exactly one of text, image, id (of a photo) or vector; "
                f"this one has {' and '.join(kind for kind, _ in given) or 'none'}."
            )
        [(kind, value)] = given
        return checked_part(cls(kind, value, weight))


def checked_part(part: QueryPart) -> QueryPart:
    """The part, where it can be searched for; a text as captions are cleaned, whoever asks.

    Raises:
        QueryError: it is empty or too long, or its weight is beyond the limits.
    """
    check_weight(part.weight)
    if part.kind != "text":
        return part
    given = str(part.value)
    if len(given) > MAX_TEXT:
        raise QueryError(
            f"A text of the query has {len(given)} characters; at most {MAX_TEXT} are allowed."
        )
    text = clean(given)
    if not text:
        raise QueryError(EMPTY)
    return part if text == given else replace(part, value=text.strip())


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
        if part.kind == "image" and _OF_WINDOWS.fullmatch(value):  # \x, which would be read as \\x
            value = f"{value[:3]}\\{value[3:]}"
        written += f" {sign} {weight}{named}{value}" if sign else f"{weight}{named}{value}"
    return written.strip()


def understood(parts: Sequence[QueryPart], tokens: Sequence[str]) -> list[QueryPart]:
    """The parts with the embeddings of pictures in the place of their bytes.

    `tokens` run in step with the parts, and are "" for those that are no pictures.
    """
    return [
        QueryPart("vector", token, part.weight) if token else part
        for part, token in zip(parts, tokens, strict=True)
    ]


def with_pictures(parts: Sequence[QueryPart]) -> list[QueryPart]:
    """The parts with the bytes of pictures in the place of their paths.

    Raises:
        QueryError: a file cannot be read.
    """
    return [
        replace(part, value=_picture(part.value))
        if part.kind == "image" and isinstance(part.value, str)
        else part
        for part in parts
    ]


def _picture(path: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise QueryError(f"The picture {path} cannot be read: {reason}.") from error


def check_weight(weight: float) -> float:
    """The weight, once it is checked.

    Raises:
        QueryError: it is 0, or beyond MAX_WEIGHT.
    """
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
    kind, value = _read(rest)
    if not value.strip():
        raise QueryError(
            f"The part {piece} of the query is empty. Say what should be on the photo."
        )
    return checked_part(QueryPart(kind, value, sign * weight))


def _read(text: str) -> tuple[Kind, str]:
    for kind in _NAMED:
        if text.startswith(f"{kind}:"):
            value = text[len(kind) + 1 :]
            if kind == "image" and _OF_WINDOWS.fullmatch(value):
                return kind, value[1:-1]
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
