"""JSON as the Flow can carry it: real numbers, valid Unicode, and no abyss of brackets."""

import json
from math import isfinite
from typing import Any, NoReturn

from fastapi.exceptions import RequestValidationError

MAX_DEPTH = 32
"""Lists and objects inside of each other; the deepest document has six."""

MAX_NUMBER = 1.7e308
"""The largest number that is sent on, which is the largest that 64 bits hold."""


def read_json(raw: bytes, *, lenient: bool = False) -> Any:
    """The value that a body holds. Raises RequestValidationError, which names the member.

    A `lenient` reader does not look into `data`, whose documents find their own faults: none of
    them fails the others.
    """
    try:
        value = json.loads(raw, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _invalid(error.msg, None, error.pos) from error
    except (ValueError, RecursionError) as error:
        raise _invalid(str(error).partition(";")[0], None) from error
    if lenient and isinstance(value, dict):
        _check({name: each for name, each in value.items() if name != "data"})
    else:
        _check(value)
    return value


def _check(value: Any) -> None:
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        path, each = waiting.pop()
        if len(path) > MAX_DEPTH:
            raise _unfit(path[:3], f"It is more than {MAX_DEPTH} levels deep", value)
        if isinstance(each, dict):
            for name in each:
                if not _is_unicode(name):
                    raise _unfit(path, "The name of a member is no valid Unicode", value)
            waiting += [((*path, name), inner) for name, inner in each.items()]
        elif isinstance(each, list):
            waiting += [((*path, number), inner) for number, inner in enumerate(each)]
        elif isinstance(each, str):
            if not _is_unicode(each):
                raise _unfit(path, "Input should be a valid string, without lone surrogates", value)
        elif isinstance(each, int | float) and not _fits(each):
            raise _unfit(path, "The number is too large", value)


def _is_unicode(text: str) -> bool:
    """False for a text with lone surrogates."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _fits(number: float) -> bool:
    return isfinite(number) if isinstance(number, float) else abs(number) <= MAX_NUMBER


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _invalid(reason: str, body: Any, position: int | None = None) -> RequestValidationError:
    place = ("body",) if position is None else ("body", position)
    error = {"type": "json_invalid", "loc": place, "msg": "", "ctx": {"error": reason}}
    return RequestValidationError([error], body=body)


def _unfit(path: tuple[str | int, ...], message: str, body: Any) -> RequestValidationError:
    error = {"type": "unfit", "loc": ("body", *path), "msg": message, "input": None}
    return RequestValidationError([error], body=body)
