"""What becomes of a test whose server is not there, and how a server of our own is run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest

from photoseek.helpers.ports import free_ports
from tests.support.waiting import wait_until

Result = TypeVar("Result")

VARIABLE = "TEST_LANES"
"""The lanes of which no test may be left out where CI is "true", with commas between."""

START_SECONDS = 180

_TRIES = 5
_IN_USE = re.compile(
    r"address (is )?(already )?in use|failed to bind|bind failed|BindException", re.IGNORECASE
)


class PortTakenError(AssertionError):
    """A server has ended because somebody else has its port."""


def on_free_ports(count: int, start: Callable[..., Result]) -> Result:
    """What `start` gives with so many free ports.

    Somebody else may take one before the server listens. When the server says so, others are tried.
    """
    for _ in range(_TRIES - 1):
        with suppress(PortTakenError):
            return start(*free_ports(count))
    return start(*free_ports(count))


def check_runs(server: subprocess.Popen[bytes], log: Path) -> None:
    """Fail with what a server has said, when it has ended.

    Raises:
        PortTakenError: it has ended because of its port.
    """
    if server.poll() is not None:
        said = log.read_text("utf-8", "replace")[-4_000:]
        raise (PortTakenError if _IN_USE.search(said) else AssertionError)(said)


def leave_out(reason: str, lane: str = "engines") -> NoReturn:
    """Skip a test of a lane, or fail it where the lane is asked for."""
    is_asked = lane in os.environ.get(VARIABLE, "").split(",")
    if is_asked and os.environ.get("CI") == "true":
        pytest.fail(f"The lane {lane} is to be run here ({VARIABLE}). {reason}")
    pytest.skip(reason)


@contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    is_ready: Callable[[], bool],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Iterator[None]:
    """Inside, a server runs. What it says is in `server.log` of the folder.

    It ends with whoever started it, also when that one is killed. Standard input stays open.

    Raises:
        PortTakenError: it has ended because of its port; `on_free_ports` tries another one.
    """
    log = folder / "server.log"
    tied = ["setpriv", *_as(user), "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*tied, *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        ) as server,
    ):
        try:
            wait_until(
                lambda: server.poll() is not None or is_ready(), str(log), START_SECONDS, every=0.25
            )
            check_runs(server, log)
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)  # what it holds is thrown away


def _as(user: str | None) -> list[str]:
    """What makes `setpriv` run a program as that user."""
    if user is None:
        return []
    import pwd  # which Windows lacks

    who = pwd.getpwnam(user)
    return [f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]
