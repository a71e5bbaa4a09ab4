"""Forms with a file: what stands in their other fields."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

FILE = "file"

Model = TypeVar("Model", bound=BaseModel)


def no_other_fields(*names: str) -> Callable[[Request], Awaitable[None]]:
    """What refuses a form with fields other than `file` and those of the names.

    Without it a caption whose field is misspelt would be lost without a word.
    """

    async def check(request: Request) -> None:
        others = set(await request.form()) - {FILE, *names}
        if others:
            raise RequestValidationError(
                [{"type": "extra_forbidden", "loc": ("form", each)} for each in sorted(others)]
            )

    return check


async def with_fields(request: Request, asked: Model) -> Model:
    """What a URL asks for, and what the fields beside the file ask for, as one model.

    Raises:
        RequestValidationError: there is no such member, or one makes no sense.
    """
    fields = _read(await request.form(), type(asked))
    given = asked.model_dump(exclude_unset=True) | fields
    try:
        return type(asked).model_validate(given)
    except ValidationError as error:
        found = [{**each, "loc": ("form", *each["loc"])} for each in error.errors()]
        raise RequestValidationError(found) from error


def _read(form: FormData, model: type[BaseModel]) -> dict[str, Any]:
    """The fields beside the file; those that take several values as lists."""
    members = model.model_fields
    return {
        name: form.getlist(name)
        if name in members and get_origin(members[name].annotation) is list
        else form[name]
        for name in form
        if name != FILE
    }
