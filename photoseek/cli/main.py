"""From arguments to a task, and from what goes wrong to one sentence and an exit status."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import NoReturn

from photoseek.catalogue import limit_of
from photoseek.cli.any_console import show_what_can_be_shown
from photoseek.cli.arguments import parse
from photoseek.cli.attempts import in_attempts
from photoseek.cli.child import Attempt, leave
from photoseek.cli.task_record import PARTS
from photoseek.compat.imports import leave_out_more, no_collection
from photoseek.errors import PhotoseekError, SettingsError
from photoseek.helpers.allocator import use_few_arenas
from photoseek.helpers.program import command

LEFT_AT_ONCE = frozenset({"demo", "evaluate", "search", "serve"})
"""Tasks at whose end nobody waits for a photo that is slow to come, or a model that is loaded."""

READS_SETTINGS_ITSELF = frozenset({"completion", "doctor"})
"""Tasks that must work with wrong settings: one looks at them, and one needs none."""

IN_ATTEMPTS = {
    "index": ("The process that indexes died", "a smaller --batch-size needs less"),
    "ocr": (
        "The process that reads text died",
        "PHOTOSEEK_MAX_MEGAPIXELS leaves out the largest photos",
    ),
    "reindex": (
        "The process that reindexes died",
        "a smaller model, or PHOTOSEEK_MAX_MEGAPIXELS, which leaves out the largest photos",
    ),
    "tune": ("The process that tunes died", "a smaller --batch or --model needs less"),
}
"""Tasks that a photo may kill: what is said of it, and what takes less memory."""

WHOLE = frozenset({"tune"})
"""Tasks that take libraries as they are: to train a model needs more of torch than to run one."""

_MODULES = {
    "export-model": "export_model",
    "keywords": "suggest",
    "models": "model_list",
    "search": "query",
    "work": "queue_worker",
    "clicks": "clicked_hits",
}
"""Where a task is, if not in a module of its name."""


def main(arguments: list[str] | None = None) -> int:
    """Run one task. Returns 0, 1 when it could not do its work, 2 for wrong settings.

    130 and 143 mean that it was told to stop by Ctrl-C or SIGTERM.
    """
    show_what_can_be_shown()
    try:
        options = parse(arguments)
    except ModuleNotFoundError as error:
        return _without_package(error)
    on_cluster = options.task == "index" and options.on  # encoders are processes of their own there
    if options.task not in IN_ATTEMPTS or on_cluster:
        code = _work(options, Attempt())
        if (options.task in LEFT_AT_ONCE or on_cluster) and arguments is None:
            leave(code)
        return code
    _begin(whole=options.task in WHOLE)
    told, remedy = IN_ATTEMPTS[options.task]
    work = partial(_work, options)
    return _in_sentences(lambda: in_attempts(work, _print_error, told=told, remedy=remedy))


def _begin(*, whole: bool = False) -> None:
    """Do what a process does first that works on a task, or waits for one that does."""
    show_what_can_be_shown()
    signal.signal(signal.SIGTERM, _terminate)
    use_few_arenas()
    if not whole:
        leave_out_more()


def _work(options: argparse.Namespace, attempt: Attempt) -> int:
    _begin(whole=options.task in WHOLE)
    options.attempt = attempt
    return _in_sentences(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    code: int
    if options.task in READS_SETTINGS_ITSELF:
        code = importlib.import_module(f"photoseek.cli.{options.task}").run(options)
        return code
    with no_collection():
        from photoseek.settings import OPTIONS, load_settings  # pydantic, which --help does without

        settings = load_settings(**{name: getattr(options, name, None) for name in OPTIONS})
        task = importlib.import_module(f"photoseek.cli.{_module(options)}")
    if settings.model and (limit := limit_of(settings.model)) and options.task != "models":
        _print(limit, "yellow")
    code = task.run(options, settings)
    return code


def _in_sentences(run: Callable[[], int]) -> int:
    """What `run` gives, or the status for what goes wrong, which is told."""
    try:
        return run()
    except PhotoseekError as error:
        _print_error(str(error))
        return 2 if isinstance(error, SettingsError) else 1
    except ModuleNotFoundError as error:
        return _without_package(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has seen enough: `... --json | head`
        sys.stdout = None
        return 0


def _without_package(error: ModuleNotFoundError) -> int:
    """Tell which package is missing; without any other, as more of them may be."""
    package = str(error.name).partition(".")[0]
    if package == "photoseek":
        raise error
    text = (
        f"The Python package {package} is not installed, and photoseek needs it. Install photoseek "
        f"again, with all that it needs; {command('doctor')} tells more, where it starts."
    )
    print(text, file=sys.stderr)
    return 1


def _module(options: argparse.Namespace) -> str:
    if options.task in PARTS:
        return "part"
    if options.task == "index" and options.watch:
        return "watch"
    return _MODULES.get(options.task, str(options.task))


def _print_error(message: str) -> None:
    _print(message, "bold red")


def _print(message: str, style: str) -> None:
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True).print(Text(message, style=style), soft_wrap=True)


def _terminate(*_: object) -> NoReturn:
    raise SystemExit(143)
