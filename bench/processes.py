"""Commands of photoseek as processes: what one costs, and a server that is asked."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.running import running
from photoseek.client import Client
from photoseek.helpers.ports import free_ports

LOOK_SECONDS = 0.5
"""Between two looks at memory: each goes through all pages of all processes."""

APP = Path(__file__).parents[1] / "app.py"

KINDS = {"Flow": (), "one process": ("--in-process",)}
"""The ways to serve, and the options for them."""


@dataclass(frozen=True)
class Cost:
    """Seconds from start to end, and seconds of CPU time."""

    seconds: float
    cpu: float


def measure(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Cost:
    """Run a command in a folder.

    Raises:
        subprocess.CalledProcessError: it failed; what it said stands in standard error.
    """
    start = time.perf_counter()
    quiet = subprocess.DEVNULL
    with running(command, cwd=folder, env=environment, stdout=quiet) as process:
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(seconds, used.ru_utime + used.ru_stime)


@contextmanager
def most_memory() -> Iterator[list[float]]:
    """Inside, MB of memory of all that this process has started, looked at again and again.

    What processes share is counted once. What `resource` says of a child would count the process
    that started it.
    """
    sizes = [0.0]
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(LOOK_SECONDS):
            size = 0
            for child in psutil.Process().children(recursive=True):
                with suppress(psutil.Error, OSError):
                    size += child.memory_full_info().pss
            sizes.append(size / 1e6)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield sizes
    finally:
        is_over.set()
        looking.join()


def plain_environment() -> dict[str, str]:
    """The environment without settings of photoseek's, and a port where nothing can listen."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("PHOTOSEEK_")}
    return own | {"PHOTOSEEK_HTTP_PORT": "1"}


def task(name: str, *arguments: str) -> list[str]:
    """The command of a task."""
    return [sys.executable, str(APP), "-t", name, *arguments]


@dataclass(frozen=True)
class Server:
    """A server that is ready: its process, a client of it, and its port."""

    process: subprocess.Popen[bytes]
    client: Client
    port: str


@contextmanager
def served(index: str, *options: str) -> Iterator[Server]:
    """Inside, an index is served, from when it is ready."""
    http, grpc = map(str, free_ports(2))
    ports = ("--http-port", http, "--grpc-port", grpc)
    command = task("serve", "--index", index, *ports, *options)
    with (
        running(command, env=plain_environment(), stdout=subprocess.DEVNULL) as process,
        Client(f"http://127.0.0.1:{http}") as client,
    ):
        while not client.ready():
            if process.poll() is not None:
                raise subprocess.CalledProcessError(process.returncode, command)
            time.sleep(0.05)
        yield Server(process, client, http)
