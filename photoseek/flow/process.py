"""A Flow in a process of its own, started and stopped from one that never imports Jina."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from photoseek.client import Client
from photoseek.errors import ServiceError
from photoseek.flow.environment import python_path, secrets_of_parts
from photoseek.flow.startup import REPORT, waiting_secrets
from photoseek.guarding import check_guarded
from photoseek.helpers.ports import check_free, free_ports, reachable
from photoseek.settings import Settings, without_secrets

STOP_SECONDS = 15
"""How long a Flow may take to finish its requests; more than its own time for that."""

LEAVE_SECONDS = 1
"""How long a private Flow may take when its only client gives up, so nobody waits for answers."""


ATTEMPTS = 3
"""How often a private Flow looks for other ports when somebody took those that it had found."""


def _free() -> dict[str, object]:
    http, grpc = free_ports(2)
    return {"http_port": http, "grpc_port": grpc}


class FlowProcess:
    """Context manager: inside it a Flow answers at `url`; outside nothing is left of it.

    The Flow leads a process group of its own, so that Ctrl-C reaches only the one who started
    it, and stops by itself when that one dies.
    """

    starting: ClassVar[type[subprocess.Popen[bytes]]] = subprocess.Popen
    """What starts its first process."""

    def __init__(self, settings: Settings, *, private: bool) -> None:
        """A `private` Flow takes free ports on loopback and writes what it says to a file."""
        if private:
            here: dict[str, object] = {"host": "127.0.0.1", "published": "127.0.0.1"}
            if not settings.api_key:  # nobody needs to find it, and so it needs none
                here["allowed_hosts"] = ()
            settings = settings.model_copy(update=here | _free())
        self.settings = settings
        self._private = private
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where its gateway answers; known before it does."""
        return f"http://{reachable(self.settings.host)}:{self.settings.http_port}"

    def __enter__(self) -> FlowProcess:
        for _ in range(ATTEMPTS if self._private else 0):
            try:
                return self._begin()
            except ServiceError:
                if not self._ports_are_taken():
                    raise
                self.settings = self.settings.model_copy(update=_free())
        return self._begin()

    def _ports_are_taken(self) -> bool:
        """Whether somebody else was quicker, which nobody can rule out."""
        try:
            self._check_ports()
        except ServiceError:
            return True
        return False

    def _check_ports(self) -> None:
        settings = self.settings
        check_free(settings.host, settings.http_port, "PHOTOSEEK_HTTP_PORT")
        check_free(settings.host, settings.grpc_port, "PHOTOSEEK_GRPC_PORT")

    def _begin(self) -> FlowProcess:
        check_guarded(self.settings)
        self._check_ports()
        self._folder = tempfile.TemporaryDirectory(prefix="photoseek-")
        self._report = Path(self._folder.name) / "error.txt"
        self._log = Path(self._folder.name) / "flow.log"
        try:
            self._start()
            self._wait_until_ready()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.stop()
        else:
            self._leave()

    @property
    def pid(self) -> int:
        """The process that leads the Flow's group."""
        assert self._process is not None, "the Flow is not running"
        return self._process.pid

    @property
    def running(self) -> bool:
        """False once the Flow's process has ended."""
        return self._process is not None and self._process.poll() is None

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Finish the requests in flight, for at most `seconds`, and end the Flow's processes."""
        process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
            finally:  # also when a second Ctrl-C ends the waiting
                with contextlib.suppress(ProcessLookupError):  # the usual case: none is left
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdin:
                process.stdin.close()
            self._process = None
        self._folder.cleanup()

    def _leave(self) -> None:
        """Stop on Ctrl-C, SIGTERM or an error.

        What a private Flow still does, nobody hears of. It may be killed at any moment: what is
        stored is stored whole, and the next run does the rest.
        """
        self.stop(LEAVE_SECONDS if self._private else STOP_SECONDS)

    def _start(self) -> None:
        environment = without_secrets(os.environ) | self.settings.to_environment()
        pipes = waiting_secrets(secrets_of_parts(self.settings))
        environment |= {name: str(pipe) for name, pipe in pipes.items()}
        environment[REPORT] = str(self._report)
        environment["PYTHONPATH"] = python_path()
        log = self._log.open("wb") if self._private else None
        self._process = self.starting(
            [sys.executable, "-m", "photoseek.flow", "--stop-with-stdin"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=environment,
            pass_fds=list(pipes.values()),
            start_new_session=True,
        )
        for pipe in pipes.values():
            os.close(pipe)
        if log:
            log.close()

    def _wait_until_ready(self) -> None:
        with Client(self.url) as client:
            while not client.ready():
                if self._report.is_file() and (reason := self._report.read_text("utf-8")):
                    raise ServiceError(reason)
                if not self.running:
                    raise ServiceError(f"The Flow did not start. {self._last_words()}".strip())
                time.sleep(0.05)

    def _last_words(self) -> str:
        if not self._log.is_file():
            return ""
        return "Its last words:\n" + self._log.read_text("utf-8", errors="replace")[-2000:]
