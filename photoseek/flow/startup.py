"""How a process of the Flow begins: with its secrets and no others, and with Jina mended.

A process shows for good with what environment it was started, to whoever may look or gets it to
read a file, and its forks show the same. So no secret is in there: whoever starts a process puts
those that it needs into a pipe (`secrets_pipe`, `start_over_without_secrets`), and the process
takes them out of it (`taken_secrets`) or, where they are for another one, closes it unread.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from photoseek.errors import PhotoseekError
from photoseek.flow import compat
from photoseek.settings import without_secrets

REPORT = "_PHOTOSEEK_STARTUP_REPORT"
"""Environment variable with the file that the reason is written to."""

SECRETS_PIPE = "_PHOTOSEEK_SECRETS"
"""Environment variable with the number of the pipe in which secrets wait."""


def begin_gateway() -> None:
    """Do what comes first in a process with a gateway: mend Jina, take the secrets."""
    compat.apply()
    os.environ.update(taken_secrets())


def begin_executor() -> None:
    """Do what comes first in a process with an executor: mend Jina, leave the gateway's secrets."""
    compat.apply()
    if number := os.environ.pop(SECRETS_PIPE, None):
        os.close(int(number))


def secrets_pipe(variables: Mapping[str, str]) -> int:
    """The end of a pipe in which these variables wait. Child processes inherit it."""
    end, start = os.pipe()
    with os.fdopen(start, "w", encoding="utf-8") as pipe:
        json.dump(dict(variables), pipe)  # a few keys of 500 characters, which a pipe holds
    os.set_inheritable(end, True)
    return end


def taken_secrets() -> dict[str, str]:
    """The variables that wait for this process, if any; they can be taken once."""
    number = os.environ.pop(SECRETS_PIPE, None)
    if number is None:
        return {}
    with os.fdopen(int(number), encoding="utf-8") as pipe:
        variables: dict[str, str] = json.load(pipe)
    return variables


def start_over_without_secrets(waiting: Mapping[str, str]) -> None:
    """Run this process's program from its beginning if secrets are in its environment.

    Those in `waiting` then wait in the pipe.
    """
    clean = without_secrets(os.environ)
    if clean != dict(os.environ):
        clean[SECRETS_PIPE] = str(secrets_pipe(waiting))
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
