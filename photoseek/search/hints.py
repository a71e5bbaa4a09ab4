"""What somebody may have meant by a query or a filter that does not do what it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from photoseek.records import AllOf, AnyOf, Condition, Facets, Filter
from photoseek.search.grammar import QueryPart
from photoseek.store.fields import METADATA, Field, field_named
from photoseek.store.kinds import Text, label_key, short, values_of

_SIGN = re.compile(r"(?<!\S)([+-])(?=[^\W\d_]|\")")
_OPEN = re.compile(r'(?:"[^"]*"|[^"])*?(?<!\S)"[^"]*')
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_LONGEST = 200


def meant_by(parts: Sequence[QueryPart]) -> str:
    """The query with its signs apart and its quotes closed; "" where it says the same as it is.

    In red -car the sign, and in "red car the quote, is a letter of the text.
    """
    if len(parts) != 1 or parts[0].kind != "text" or len(parts[0].value) > _LONGEST:
        return ""
    text = str(parts[0].value).strip()
    closed = f'{text}"' if _OPEN.fullmatch(text) else text
    apart = _SIGN.sub(r"\1 ", closed).strip()
    return apart if apart != text else ""


def query_hint(parts: Sequence[QueryPart]) -> str:
    """A sentence about what is read as letters: signs, quotes, an address; "" where none is."""
    if any(part.kind == "text" and _ADDRESS.fullmatch(str(part.value).strip()) for part in parts):
        return (
            "An address is read as words. To search with the picture there, save it, and take "
            "the file."
        )
    meant = meant_by(parts)
    what = "quote that stays open" if meant.endswith('"') else "sign at a word"
    return f"The {what} is read as a letter. Did you mean: {meant}" if meant else ""


def filter_hint(where: Iterable[Filter], facets: Facets) -> str:
    """Sentences about values that no photo has, where some have one that is like it.

    `facets` are those of the whole index.
    """
    found = (
        _hint(field_named(each.field), str(value), facets)
        for each in _conditions(where)
        for value in values_of(each)
    )
    return " ".join(filter(None, found))


def _hint(field: Field, value: str, facets: Facets) -> str:
    known = [text for text, _ in facets.counts.get(field.facet, ())] if field.facet else []
    by_key = {label_key(each): each for each in reversed(known)}
    is_there = value in known if isinstance(field.kind, Text) else label_key(value) in by_key
    if not value or is_there:
        return ""
    key = label_key(value)[:_LONGEST]
    alike = [each for each in by_key if each.startswith(key)] or get_close_matches(key, by_key, n=1)
    if not alike:
        return ""
    name = field.name.removeprefix(METADATA)
    return f"No photo has {name} = {short(value)}. Did you mean {short(by_key[alike[0]])}?"


def _conditions(where: Iterable[Filter]) -> Iterable[Condition]:
    for each in where:
        if isinstance(each, Condition) and each.operator in ("=", "in"):
            yield each
        elif isinstance(each, AllOf | AnyOf):
            yield from _conditions(each.filters)
