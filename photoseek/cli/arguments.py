"""What the command line understands: `photoseek TASK ...` and `python app.py -t TASK ...`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, NoReturn

from typing_extensions import override

from photoseek import __version__
from photoseek.cli.task_groups import FIRST, GROUPS
from photoseek.cli.task_options import ALIASES, TASKS
from photoseek.cli.task_record import PHOTOS, Task
from photoseek.helpers.program import command, program
from photoseek.helpers.shell_words import quoted

_NAMED = re.compile("(--task=|-t=?)(?P<task>.*)")
_MEANT = {"export-model": "--model", "reindex": "--model"}
"""What a word stands for most likely that a task does not take."""
_ODD = re.compile(r"-[A-Za-z][^\d=\s][^\s=]*$")
"""A word with a hyphen before it, which is no option with its value."""

FIRST_STEPS = """\
photoseek finds your own photos by what is on them.

  {demo}
      draws a few hundred pictures, finds some of them, and serves a page
  {index} --source ~/Pictures
      reads your photos; run it again and it reads only what is new
  {search} "red car at night"
      finds photos by words, or with --image FILE by a picture
  {serve}
      serves a page to search on, at http://localhost:8080

{program} --help lists all tasks, {help} what one of them takes.
"""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line as a namespace; ends the process with a message when it is wrong."""
    given = _task_first(sys.argv[1:] if arguments is None else arguments)
    name, *rest = given or [""]
    if task := TASKS.get(ALIASES.get(name, name)):
        return _parse_task(task, rest)
    return _end_without_task(given)


def _end_without_task(given: list[str]) -> NoReturn:
    """Answer who named no task, or one that there is not."""
    parser = overview()
    if not given:
        print(_first_steps(), end="")
        parser.exit()
    if not given[0].startswith("-"):
        parser.error(f"there is no task {given[0]!r}.{_nearest(given[0], [*TASKS, *ALIASES])}")
    parser.parse_known_args(given)  # --help and --version end here
    parser.error(f"name a task: {', '.join(TASKS)}")


def overview() -> argparse.ArgumentParser:
    """What is understood before a task is named."""
    width = max(map(len, TASKS)) + 2
    groups = [
        "\n".join([f"{heading}:", *(f"  {task.name:{width}}{task.about}" for task in tasks)])
        for heading, tasks in GROUPS.items()
    ]
    parser = argparse.ArgumentParser(
        prog=program(),
        usage=f"{command('TASK')} [options]",
        description="\n\n".join(["Search your own stock photos by meaning.", *groups]),
        epilog=_examples(replace(task, examples=task.examples[:2]) for task in GROUPS[FIRST])
        + f"\n{command('TASK')} --help shows what a task takes. Every option can be set as\n"
        "PHOTOSEEK_* in the environment or in .env as well.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"photoseek {__version__}")
    return parser


def task_parser(task: Task) -> argparse.ArgumentParser:
    """What one task understands."""
    from photoseek.cli.setting_options import add_settings  # pydantic, which --help does without

    parser = _TaskParser(
        prog=command(task.name),
        usage=f"{command(task.name)} [options]" + " [words ...]" * bool(task.words),
        description=f"{task.about[0].upper()}{task.about[1:]}.",
        epilog=_examples([task]) + (f"\n{task.more}" if task.more else ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if task.words:
        parser.add_argument("words", nargs="*", help=task.words)
    if task.options:
        task.options(parser.add_argument_group(f"options of {task.name}"))
    add_settings(parser, task)
    return parser


def with_tasks() -> argparse.ArgumentParser:
    """All that is understood as one parser, for programs that read it."""
    parser = overview()
    tasks = parser.add_subparsers()
    for task in TASKS.values():
        tasks.add_parser(task.name, help=task.about, parents=[task_parser(task)], add_help=False)
    return parser


class _TaskParser(argparse.ArgumentParser):
    """A parser to which a word with a space in it is a text, whatever it begins with."""

    @override
    def _parse_optional(self, arg_string: str) -> Any:
        is_text = " " in arg_string.partition("=")[0]
        return None if is_text else super()._parse_optional(arg_string)

    @override
    def error(self, message: str) -> NoReturn:
        if found := re.match(r"argument (?:.*/)?(--?[\w-]+): expected .*argument", message):
            message += f"; write {found[1]}=VALUE for a value that begins with -"
        super().error(message)


def _parse_task(task: Task, rest: list[str]) -> argparse.Namespace:
    parser = task_parser(task)
    parser.set_defaults(task=task.name)
    at = rest.index("--") if "--" in rest else len(rest)  # behind it are words alone
    for before, argument in pairwise(["", *rest[:at]]):
        if _ODD.match(argument) and not before.startswith("-"):
            _refuse(parser, task, argument)
    options, surplus = parser.parse_known_intermixed_args(rest[:at])
    if words := rest[at + 1 :]:
        if not task.words:
            parser.error(f"{task.name} takes no {words[0]!r}")
        options.words = [*options.words, *words]
    if surplus:
        _refuse(parser, task, surplus[0])
    for is_wrong, reason in task.rules:
        if is_wrong(options):
            parser.error(reason)
    return options


def _refuse(parser: argparse.ArgumentParser, task: Task, surplus: str) -> NoReturn:
    """Say what is wrong with an argument that the task does not take."""
    flag = surplus.partition("=")[0]
    if not flag.startswith("-"):
        meant = "--source" if PHOTOS in task.settings else _MEANT.get(task.name)
        told = f"; if it is a {meant[2:]}, write {meant} {quoted(surplus)}" if meant else ""
        parser.error(f"{task.name} takes no {surplus!r}{told}")
    others = [other.name for other in TASKS.values() if flag in _flags(task_parser(other))]
    if others:
        parser.error(f"{flag} belongs to {', '.join(others)}")
    near = _nearest(flag, _flags(parser))
    told = f"there is no option {flag}.{near}"
    if near and flag.startswith("--"):  # then it is meant, and no word
        parser.error(told)
    if task.words:
        told += f" Words that begin with - stand behind --: {command(task.name)} -- {surplus}"
    if task.name == "search":
        told += f'; for photos without it, write "- {surplus.lstrip("-")}"'
    parser.error(told)


def _task_first(arguments: list[str]) -> list[str]:
    """`-n 5 -t index` as `index -n 5`; as it is where no task is named so."""
    if arguments and ALIASES.get(arguments[0], arguments[0]) in TASKS:
        return arguments
    for at, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument in ("-t", "--task") and at + 1 < len(arguments):
            return [arguments[at + 1], *arguments[:at], *arguments[at + 2 :]]
        named = _NAMED.fullmatch(argument)
        if named and named["task"] in (*TASKS, *ALIASES):
            return [named["task"], *arguments[:at], *arguments[at + 1 :]]
    return arguments


def _flags(parser: argparse.ArgumentParser) -> list[str]:
    """The options of a parser that its help shows."""
    shown = [action for action in parser._actions if action.help != argparse.SUPPRESS]
    return [flag for action in shown for flag in action.option_strings]


def _nearest(word: str, known: Iterable[str]) -> str:
    """A suggestion for a typing error, or nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _examples(tasks: Iterable[Task]) -> str:
    lines = [
        f"  {command(task.name)}{line and ' '}{line}" for task in tasks for line in task.examples
    ]
    return "\n".join(["examples:", *lines, ""])


def _first_steps() -> str:
    commands = {name: command(name) for name in ("demo", "index", "search", "serve")}
    return FIRST_STEPS.format(**commands, program=program(), help=f"{command('search')} --help")
