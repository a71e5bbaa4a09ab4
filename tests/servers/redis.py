"""Redis for tests: one that runs already, or else one that is installed.

TEST_REDIS is HOST:PORT of a server that runs. Without it a server is started with the command
`redis-server` on the PATH. `.ci/run` asks for the lane `redis` (`tests/servers/lane.py`), so that
there no test is left out.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from photoseek.helpers.ports import free_ports
from tests.servers.lane import leave_out
from tests.support.waiting import wait_until

VARIABLE = "TEST_REDIS"

START_SECONDS = 60


@contextmanager
def running_redis() -> Iterator[str]:
    """The URL of a server; without any, the test is left out."""
    if place := os.environ.get(VARIABLE):
        yield f"redis://{place}/0"
        return
    with own_redis() as server:
        yield server.url


@contextmanager
def own_redis(*options: str) -> Iterator[OwnRedis]:
    """A server that is started here, with options, and may be killed; see `running_redis`."""
    command = shutil.which("redis-server")
    if command is None:
        leave_out(
            f"No Redis: install redis-server, or set {VARIABLE} to HOST:PORT of one that runs.",
            "redis",
        )
    with tempfile.TemporaryDirectory(prefix="photoseek-redis-") as folder:
        server = OwnRedis(command, Path(folder), options)
        server.start()
        try:
            yield server
        finally:
            server.kill()


class OwnRedis:
    """A server on a port of loopback that stays its own; it keeps nothing on disk."""

    def __init__(self, command: str, folder: Path, options: tuple[str, ...]) -> None:
        [self.port] = free_ports(1)
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        lasting = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        where = ["--bind", "127.0.0.1", "--port", str(self.port)]
        self._command = [command, *where, *lasting, *options]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        log = self._folder / "server.log"
        tied = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with log.open("ab") as output:
            process = self._process = subprocess.Popen(
                [*tied, *self._command], stdout=output, stderr=subprocess.STDOUT
            )
        wait_until(lambda: process.poll() is not None or self.answers(), str(log), START_SECONDS)
        assert process.poll() is None, log.read_text(errors="replace")[-4_000:]

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

    def answers(self) -> bool:
        """Whether it takes commands."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64)[:1] in (b"+", b"-")
        except OSError:
            return False


def free_prefix() -> str:
    """A prefix for keys that nobody else has."""
    return f"test-{uuid.uuid4().hex}:"
