"""How a process of the Flow begins: with its secrets and no others, and with Jina mended.

A process shows for good with what environment it was started, to whoever may look or gets it to
read a file, and its forks show the same. So no secret is in there: whoever starts a process puts
those that each part needs into a pipe of that part (`waiting_secrets`,
`start_over_without_secrets`), and the part takes them out of it (`taken_secrets`) and closes the
others unread.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from photoseek.errors import PhotoseekError
from photoseek.flow import compat
from photoseek.settings import PartOfFlow, without_secrets

REPORT = "_PHOTOSEEK_STARTUP_REPORT"
"""Environment variable with the file that the reason is written to."""

SECRETS_PIPES: dict[PartOfFlow, str] = {
    part: f"_PHOTOSEEK_SECRETS_OF_{part.upper()}" for part in get_args(PartOfFlow)
}
"""Environment variables with the numbers of the pipes in which secrets of the parts wait."""


def begin(part: PartOfFlow) -> None:
    """Do what comes first in a process with a part: mend Jina, take its secrets and no others."""
    compat.apply()
    os.environ.update(taken_secrets(part))


def waiting_secrets(variables: Mapping[PartOfFlow, Mapping[str, str]]) -> dict[str, int]:
    """Pipes in which the variables of parts wait, by the environment variables that tell of them.

    Child processes inherit them.
    """
    return {SECRETS_PIPES[part]: _pipe(secrets) for part, secrets in variables.items() if secrets}


def taken_secrets(part: PartOfFlow) -> dict[str, str]:
    """The variables that wait for this process, if any; they can be taken once."""
    variables: dict[str, str] = {}
    for name, pipe in SECRETS_PIPES.items():
        number = os.environ.pop(pipe, None)
        if number is not None:
            with os.fdopen(int(number), encoding="utf-8") as end:
                if name == part:
                    variables = json.load(end)
    return variables


def start_over_without_secrets(waiting: Mapping[PartOfFlow, Mapping[str, str]]) -> None:
    """Run this process's program from its beginning if secrets are in its environment.

    Those in `waiting` then wait in the pipes of their parts.
    """
    clean = without_secrets(os.environ)
    if clean != dict(os.environ):
        clean |= {name: str(pipe) for name, pipe in waiting_secrets(waiting).items()}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], clean)  # noqa: S606


@contextmanager
def report_errors() -> Iterator[None]:
    """Write down a PhotoseekError that keeps a part from starting, and pass it on."""
    try:
        yield
    except PhotoseekError as error:
        if report := os.environ.get(REPORT):
            Path(report).write_text(str(error), encoding="utf-8")
        raise


def _pipe(variables: Mapping[str, str]) -> int:
    end, start = os.pipe()
    with os.fdopen(start, "w", encoding="utf-8") as pipe:
        json.dump(dict(variables), pipe)  # a few keys of 500 characters, which a pipe holds
    os.set_inheritable(end, True)
    return end
