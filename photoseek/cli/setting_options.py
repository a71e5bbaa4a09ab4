"""The options of the command line that are settings: what each takes follows from the setting."""

from __future__ import annotations

import argparse
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from photoseek.cli.option_values import positive
from photoseek.cli.task_record import SERVING, Task
from photoseek.settings import OPTIONS, Settings


def add_settings(parser: argparse.ArgumentParser, task: Task) -> None:
    """Add the settings that are options of a task, those of its groups below their headings.

    Others are taken as well, and not shown, for scripts that say the same to every task; not those
    of `serve`, which would change nothing. None stands for one that is not given.
    """
    groups = {heading: parser.add_argument_group(heading) for heading in task.settings}
    helps = dict(task.helps)
    for name, option in OPTIONS.items():
        field = Settings.model_fields[name]
        taking = _taking(field.annotation, field.default)
        if option.metavar:
            taking["metavar"] = option.metavar
        group = groups.get(option.group)
        if name in task.unused or (group is None and option.group == SERVING):
            continue
        told = helps.get(name) or option.help or f"default: {field.default}"
        text = told if group else argparse.SUPPRESS
        flag = "--" + name.replace("_", "-")
        (group or parser).add_argument(flag, default=None, help=text, **taking)


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
