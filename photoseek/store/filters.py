"""Filters: out of what people write, to and from JSON, and what they mean.

`!=` on labels (tags, colours) means that the photo does not have that one, `in` that the photo has
any of several values. Filters come from strangers, so their size and depth are limited.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias, get_args

from photoseek.errors import QueryError
from photoseek.records import AllOf, AnyOf, Condition, Filter, Not, Operator, StoredPhoto
from photoseek.store.fields import BY_NAME, field_named, is_bare
from photoseek.store.kinds import Number, short
from photoseek.store.word_sets import Words

Where: TypeAlias = str | Filter | Mapping[str, Any] | Iterable[str | Filter | Mapping[str, Any]]
"""Filters as people write them, as records or as JSON; several are joined by AND."""

MAX_DEPTH = 8
"""How deep filters may stand in one another."""

MAX_CONDITIONS = 256
"""Conditions in all filters of a search together."""

_SYMBOLS: dict[str, Operator] = {**{symbol: symbol for symbol in get_args(Operator)}, "==": "="}
_BARE = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_WRITTEN = re.compile(
    rf"\s*(metadata\.)?({_QUOTED}|{_BARE.pattern})\s*(!=|<=|>=|==?|<|>|\bin\b)(.*)", re.DOTALL
)
_JOINED = re.compile(
    rf"\s(AND|OR)\s(?=\s*(?:metadata\.)?(?:{_QUOTED}|{_BARE.pattern})\s*(?:[!<>]?=|<|>|in\s*\[))"
)
"""Before what is a condition; "Salt AND Pepper" may be a value."""

_NAMED = 20
_NAMED_LENGTH = 60  # a longer name is no slip of the finger, and takes long to compare
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}")
_FORMS = (
    'A filter in JSON is {"field": "width", "op": ">=", "value": 2000}, or {"all": [...]}, '
    '{"any": [...]} or {"not": {...}} of such'
)


def parse_filter(text: str) -> Filter:
    """A filter as people write it: "licence=CC0-1.0", "width >= 2000", "tags=beach".

    Several values are a JSON list: 'licence in ["CC0-1.0", "MIT"]'. Conditions may be joined by AND
    and OR in capitals, of which AND binds more closely. What stands in braces is a whole filter in
    JSON.

    Raises:
        QueryError: it is no filter; the error names what is allowed.
    """
    if not text.lstrip().startswith("{"):
        return _joined(text)
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise QueryError(f"'{short(text)}' is no filter. {_FORMS}.") from None
    return filter_from_json(given)


def parse_condition(text: str) -> Condition:
    """A single condition as people write it.

    Raises:
        QueryError: as `parse_filter` does.
    """
    written = _WRITTEN.fullmatch(text)
    if not written:
        raise QueryError(
            f"'{short(text)}' is no filter. Write a column, an operator and a value, "
            'such as licence=CC0-1.0 or width>=2000; quote a name with spaces, "shot by"=Ann.'
        )
    prefix, name, sign, value = written.groups()
    name = (prefix or "") + (_unquoted(name) if name.startswith('"') else name)
    value = value.strip()  # by the expression itself, a long run of spaces would take hours
    symbol = _SYMBOLS[sign]
    if symbol == "in":
        return _checked(Condition(name, symbol, _list(value)))
    if name in BY_NAME and isinstance(BY_NAME[name].kind, Number) and _NUMBER.fullmatch(value):
        return _checked(Condition(name, symbol, int(value)))
    return _checked(Condition(name, symbol, value))


def _joined(text: str) -> Filter:
    words = _JOINED.split(text)
    groups: list[list[Filter]] = [[parse_condition(words[0])]]
    for word, condition in zip(words[1::2], words[2::2], strict=True):
        groups += [[]] if word == "OR" else []
        groups[-1].append(parse_condition(condition))
    every = [group[0] if len(group) == 1 else AllOf(tuple(group)) for group in groups]
    return every[0] if len(every) == 1 else AnyOf(tuple(every))


def written(name: str) -> str:
    """A name of a column as it stands in a filter, in quotes where it needs them; a long one is
    cut.
    """
    name = short(name)
    return name if _BARE.fullmatch(name) else json.dumps(name)


def filters_of(where: Where) -> tuple[Filter, ...]:
    """The filters that somebody gave.

    Raises:
        QueryError: a text is no filter.
    """
    one = (str, Mapping, Condition, AllOf, AnyOf, Not)
    given: Iterable[Any] = (where,) if isinstance(where, one) else where
    return tuple(
        parse_filter(each)
        if isinstance(each, str)
        else filter_from_json(each)
        if isinstance(each, Mapping)
        else each
        for each in given
    )


def filter_from_json(given: object, depth: int = 0) -> Filter:
    """The filter that JSON says. Names and values are checked where it is used, by `check`.

    Raises:
        QueryError: it is no filter, or one that is too deep.
    """
    if depth >= MAX_DEPTH:
        raise _too_deep()
    if isinstance(given, Mapping):
        if given.keys() == {"not"}:
            return Not(filter_from_json(given["not"], depth + 1))
        for name, kind in (("all", AllOf), ("any", AnyOf)):
            if given.keys() == {name} and isinstance(given[name], list):
                return kind(tuple(filter_from_json(each, depth + 1) for each in given[name]))
        if given.keys() == {"field", "op", "value"} and isinstance(given["field"], str):
            value = given["value"]
            value = tuple(value) if isinstance(value, list) else value
            return Condition(given["field"], _symbol(given["op"]), value)
    raise QueryError(f"'{short(repr(given))}' is no filter. {_FORMS}.")


def filter_to_json(given: Filter) -> dict[str, Any]:
    """What `filter_from_json` reads."""
    if isinstance(given, Condition):
        value = list(given.value) if isinstance(given.value, tuple) else given.value
        return {"field": given.field, "op": given.operator, "value": value}
    if isinstance(given, Not):
        return {"not": filter_to_json(given.filter)}
    return {"all" if isinstance(given, AllOf) else "any": list(map(filter_to_json, given.filters))}


def length_of(where: Iterable[Filter]) -> int:
    """How many characters filters have as JSON, to tell how much work they are."""
    return sum(len(json.dumps(filter_to_json(each), ensure_ascii=False)) for each in where)


def check(where: Sequence[Filter]) -> None:
    """Refuse filters that make no sense, are too deep or too many.

    Raises:
        QueryError: naming what is allowed.
    """
    room = MAX_CONDITIONS
    waiting = [(each, 0) for each in where]
    while waiting:
        each, depth = waiting.pop()
        if depth >= MAX_DEPTH:
            raise _too_deep()
        if isinstance(each, Condition):
            _checked(each)
            room -= 1
        elif isinstance(each, Not):
            waiting.append((each.filter, depth + 1))
        else:
            waiting.extend((inner, depth + 1) for inner in each.filters)
        if room < len(waiting):
            raise QueryError(
                f"The filters have more than {MAX_CONDITIONS} conditions. Join some with 'in'."
            )


def checked(where: Sequence[Filter]) -> list[Filter]:
    """The filters for an engine that compares labels: conditions on words ask for one word each.

    Raises:
        QueryError: as `check` does.
    """
    check(where)
    return list(map(_by_word, where))


def matches(where: Sequence[Filter], stored: StoredPhoto) -> bool:
    """Whether a photo satisfies all of the filters, which were checked."""
    return all(_holds(each, stored) for each in where)


def no_column(name: str, own: Sequence[str]) -> QueryError:
    """What to say of a name that is neither a field nor one of the users' own columns."""
    shown = ", ".join(map(written, own[:_NAMED])) + (", ..." if len(own) > _NAMED else "")
    manifest = f"and of your manifest {shown}" if own else "and no photo has columns of a manifest"
    return QueryError(
        f"There is no column '{short(name)}' to filter on. {_did_you_mean(name, (*BY_NAME, *own))}"
        f"There are {', '.join(BY_NAME)}, {manifest}."
    )


def _holds(each: Filter, stored: StoredPhoto) -> bool:
    match each:
        case Condition():
            field = field_named(each.field)
            return field.kind.holds(each, field.read(stored))
        case Not(inner):
            return not _holds(inner, stored)
        case AllOf(filters):
            return all(_holds(inner, stored) for inner in filters)
        case AnyOf(filters):
            return any(_holds(inner, stored) for inner in filters)


def _by_word(each: Filter) -> Filter:
    match each:
        case Condition():
            kind = field_named(each.field).kind
            return kind.by_word(each) if isinstance(kind, Words) else each
        case Not(inner):
            return Not(_by_word(inner))
        case AllOf(filters):
            return AllOf(tuple(map(_by_word, filters)))
        case AnyOf(filters):
            return AnyOf(tuple(map(_by_word, filters)))


def _checked(condition: Condition) -> Condition:
    try:
        field_named(condition.field).kind.check(condition)
    except QueryError as error:
        if not is_bare(condition.field):
            raise
        raise QueryError(
            f"{error} It is taken for a column of your manifest, which holds texts. "
            f"{_did_you_mean(condition.field, BY_NAME)}The fields are {', '.join(BY_NAME)}."
        ) from None
    return condition


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    alike = get_close_matches(name[:_NAMED_LENGTH], known, n=1)
    return f"Did you mean {written(alike[0])}? " if alike else ""


def _symbol(given: object) -> Operator:
    symbol = _SYMBOLS.get(given) if isinstance(given, str) else None
    if symbol is None:
        allowed = " ".join(get_args(Operator))
        raise QueryError(f"'{short(str(given))}' is no operator of a filter. Use one of {allowed}.")
    return symbol


def _too_deep() -> QueryError:
    return QueryError(f"The filters stand more than {MAX_DEPTH} deep in one another. Flatten them.")


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        raise QueryError(
            f'{short(text)} is no name of a column. Within quotes write \\" for a quote and \\\\ '
            "for a backslash."
        ) from None


def _list(text: str) -> tuple[str, ...]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, list):
        raise QueryError(
            f"'{short(text)}' is no list. After 'in' write one in JSON, "
            'such as licence in ["CC0-1.0", "MIT"].'
        )
    return tuple(values)
