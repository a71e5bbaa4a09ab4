"""The options of the command line that are settings: what each takes follows from the setting."""

from __future__ import annotations

import argparse
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from photoseek.settings import OPTIONS, Settings


def add_settings(group: argparse._ArgumentGroup) -> None:
    """Add the options whose settings name this group's heading; None where one is not given."""
    for name, option in OPTIONS.items():
        if option.group == group.title:
            field = Settings.model_fields[name]
            taking = _taking(field.annotation, field.default)
            if option.metavar:
                taking["metavar"] = option.metavar
            text = option.help or f"default: {field.default}"
            group.add_argument("--" + name.replace("_", "-"), default=None, help=text, **taking)


def positive(text: str) -> int:
    """A whole number from 1.

    Raises:
        argparse.ArgumentTypeError: for anything else.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _taking(annotation: Any, default: object) -> dict[str, Any]:
    """What argparse has to know of a setting's type. What is true anyway can be switched off."""
    types = [kind for kind in get_args(annotation) if kind is not NoneType]
    if get_origin(annotation) is not Literal and len(types) == 1:  # T | None
        annotation = types[0]
    if get_origin(annotation) is Literal:
        return {"choices": get_args(annotation)}
    if annotation is bool and default is True:
        return {"action": argparse.BooleanOptionalAction}
    if annotation is bool:
        return {"action": "store_true"}
    return {"type": positive} if annotation is int else {}
