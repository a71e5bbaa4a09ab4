"""What a setting takes, in our own words, where pydantic finds that it has something else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import NoneType
from typing import Any, get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from photoseek.settings.form_errors import what_to_give

_NUMBERS = ("greater_than", "less_than", "int_", "float_", "finite_number")
"""How the kinds of errors begin that are about numbers."""


def reason_of(error: Mapping[str, Any], field: FieldInfo) -> str:
    """What may be given in the place of a wrong value, as one sentence."""
    kind = str(error["type"])
    if kind.startswith(_NUMBERS) and (allowed := _numbers(field)):
        return f"Give {allowed}."
    if kind == "tuple_type":
        return f"Give a list in JSON{_as_list(error.get('input'))}."
    return f"{what_to_give(error)}."


def _as_list(given: object) -> str:
    """What was probably meant by a text that is no list, as one."""
    words = given.split(",") if isinstance(given, str) else []
    meant = [word for each in words if (word := each.strip(" []\"'"))]
    return f": {json.dumps(meant, ensure_ascii=False)}" if meant else ""


def _numbers(field: FieldInfo) -> str:
    """The numbers that a setting takes, or nothing where it takes none."""
    kinds = {field.annotation, *get_args(field.annotation)} - {NoneType}
    if not kinds & {int, float}:
        return ""
    words = "a whole number" if int in kinds else "a number"
    lower = next((f" from {mark.ge}" for mark in field.metadata if isinstance(mark, Ge)), "")
    above = next((f" above {mark.gt}" for mark in field.metadata if isinstance(mark, Gt)), "")
    upper = next((f" to {mark.le}" for mark in field.metadata if isinstance(mark, Le)), "")
    below = next((f" below {mark.lt}" for mark in field.metadata if isinstance(mark, Lt)), "")
    return words + lower + above + upper + below
