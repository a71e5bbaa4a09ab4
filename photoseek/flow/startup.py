"""What a process that starts a Flow and those of the Flow say to each other at the start."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from photoseek.errors import PhotoseekError

REPORT = "_PHOTOSEEK_STARTUP_REPORT"
"""Environment variable with the file that the reason is written to."""

SECRETS_PIPE = "_PHOTOSEEK_GATEWAY_SECRETS"
"""Environment variable with the number of a pipe in which the gateway's keys wait.

The processes of a Flow are forks of one, whose environment each of them shows to whoever may look.
So the keys are not in it: only the gateway reads them, and the others close the pipe unread.
"""


@contextmanager
def report_errors() -> Iterator[None]:
    """Write down a PhotoseekError that keeps an executor from starting, and pass it on."""
    try:
        yield
    except PhotoseekError as error:
        if report := os.environ.get(REPORT):
            Path(report).write_text(str(error), encoding="utf-8")
        raise


def secrets_pipe(variables: Mapping[str, str]) -> int:
    """The end of a pipe from which a gateway takes these variables. Child processes inherit it."""
    end, start = os.pipe()
    with os.fdopen(start, "w", encoding="utf-8") as pipe:
        json.dump(dict(variables), pipe)  # a few keys of 500 characters, which a pipe holds
    os.set_inheritable(end, True)
    return end


def take_gateway_secrets() -> None:
    """Put the keys that wait for this gateway, if any, into its own environment."""
    if number := os.environ.pop(SECRETS_PIPE, None):
        with os.fdopen(int(number), encoding="utf-8") as pipe:
            os.environ.update(json.load(pipe))


def leave_gateway_secrets() -> None:
    """Close the pipe with the keys, unread, in a process that has no business with them."""
    if number := os.environ.pop(SECRETS_PIPE, None):
        os.close(int(number))
