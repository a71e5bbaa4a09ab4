"""JSON that is safe to work on: real numbers, valid Unicode, and no abyss of brackets."""

import base64
import binascii
import json
from collections.abc import Callable
from math import isfinite
from typing import Annotated, Any, NoReturn

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BeforeValidator, WithJsonSchema
from typing_extensions import override

from photoseek.gateway.heavy import in_thread

MAX_DEPTH = 32
"""Lists and objects inside of each other; the deepest document has six."""

MAX_NUMBER = 1.7e308
"""The largest number that is sent on, which is the largest that 64 bits hold."""


def read_json(raw: bytes, *, unread: str = "") -> Any:
    """The value that a body holds.

    The member called `unread` is not looked into: its items find their own faults, and none of
    them fails the others.

    Raises:
        RequestValidationError: it is no JSON, or has a value that cannot be used; it names the
            member.
    """
    try:
        value = json.loads(raw, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _invalid(error.msg, None, error.pos) from error
    except (ValueError, RecursionError) as error:
        raise _invalid(str(error).partition(";")[0], None) from error
    if unread and isinstance(value, dict):
        _check({name: each for name, each in value.items() if name != unread})
    else:
        _check(value)
    return value


_NO_BASE64 = "Give bytes, in JSON as base64; this is not base64"


def from_base64(value: Any) -> bytes:
    """The bytes that a text stands for, which may be a `data:` URI.

    Raises:
        ValueError: it is not base64.
    """
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise ValueError(_NO_BASE64)
    try:
        return base64.b64decode(value.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(_NO_BASE64) from error


Base64 = Annotated[
    bytes, BeforeValidator(from_base64), WithJsonSchema({"type": "string", "format": "byte"})
]
"""Bytes whose JSON form is base64."""


class _ReadRequest(Request):
    """A request whose JSON has been read."""

    def __init__(self, request: Request, raw: bytes, value: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._raw = raw
        self._value = value

    @override
    async def body(self) -> bytes:
        return self._raw

    @override
    async def json(self) -> Any:
        return self._value


class LargeBodyRoute(APIRoute):
    """A route whose body may be large: a thread reads it while others are answered.

    A member called `photos` is left unread, for its items find their own faults.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Any]:
        handle = super().get_route_handler()

        async def read_first(request: Request) -> Response:
            raw = await request.body()
            value = await in_thread(len(raw), lambda: read_json(raw, unread="photos"))
            response: Response = await handle(_ReadRequest(request, raw, value))
            return response

        return read_first


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
                raise _unfit(path, "Give a text without lone surrogates", value)
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
