"""From arguments to a task, and from what goes wrong to one sentence and an exit status."""

from __future__ import annotations

import importlib
import signal
import sys
from typing import NoReturn

from photoseek.cli.arguments import PARTS, parse
from photoseek.errors import PhotoseekError, SettingsError
from photoseek.settings import OPTIONS, load_settings


def main(arguments: list[str] | None = None) -> int:
    """Run one task. Returns 0, 1 when it could not do its work, 2 for wrong settings.

    130 and 143 mean that it was told to stop by Ctrl-C or SIGTERM.
    """
    options = parse(arguments)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        settings = load_settings(**{name: getattr(options, name) for name in OPTIONS})
        module = "part" if options.task in PARTS else options.task
        task = importlib.import_module(f"photoseek.cli.{module}")
        code: int = task.run(options, settings)
    except PhotoseekError as error:
        _print_error(str(error))
        return 2 if isinstance(error, SettingsError) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has seen enough: `... --json | head`
        sys.stdout = None
        return 0
    return code


def _print_error(message: str) -> None:
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True).print(Text(message, style="bold red"), soft_wrap=True)


def _terminate(*_: object) -> NoReturn:
    raise SystemExit(143)
