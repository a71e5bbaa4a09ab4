"""Redis for tests: one that runs already, or else one that is installed.

TEST_REDIS is HOST:PORT of a server that runs. Without it a server is started with the command
`redis-server` on the PATH. `.ci/run` asks for the lane `redis` (`tests/servers/lane.py`), so that
there no test is left out.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers.lane import check_runs, leave_out, on_free_ports
from tests.support.waiting import wait_until

VARIABLE = "TEST_REDIS"

START_SECONDS = 60

_READY = b"Ready to accept connections"


@contextmanager
def running_redis() -> Iterator[str]:
    """The URL of a server; without any, the test is left out."""
    if place := os.environ.get(VARIABLE):
        yield f"redis://{place}/0"
        return
    with own_redis() as server:
        yield server.url


@contextmanager
def own_redis(*options: str, port_option: str = "--port") -> Iterator[OwnRedis]:
    """A server that is started here, with options, and may be killed; see `running_redis`.

    `port_option` is the one that its port is told by.
    """
    with tempfile.TemporaryDirectory(prefix="photoseek-redis-") as folder:

        def started(port: int) -> OwnRedis:
            server = OwnRedis(Path(folder), port, *options, port_option=port_option)
            server.start()
            return server

        server = on_free_ports(1, started)
        try:
            yield server
        finally:
            server.kill()


def _program() -> str:
    """The command; without any, the test is left out."""
    return shutil.which("redis-server") or leave_out(
        f"No Redis: install redis-server, or set {VARIABLE} to HOST:PORT of one that runs.", "redis"
    )


class OwnRedis:
    """A server on a port of loopback that stays its own; it keeps nothing on disk."""

    def __init__(self, folder: Path, port: int, *options: str, port_option: str = "--port") -> None:
        self.port = port
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        lasting = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        where = ["--bind", "127.0.0.1", port_option, str(port)]
        self._command = [_program(), *lasting, *options, *where]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it takes commands; another one on its port would not do.

        Raises:
            PortTakenError: somebody else has its port.
        """
        log = self._folder / "server.log"
        tied = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with log.open("wb") as output:
            process = self._process = subprocess.Popen(
                [*tied, *self._command], stdout=output, stderr=subprocess.STDOUT
            )
        wait_until(
            lambda: process.poll() is not None or _READY in log.read_bytes(),
            str(log),
            START_SECONDS,
        )
        check_runs(process, log)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def hang(self) -> None:
        """Let it answer nobody, and close no connection."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End that."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


def free_prefix() -> str:
    """A prefix for keys that nobody else has."""
    return f"test-{uuid.uuid4().hex}:"
