"""What a command costs, with all processes that it starts."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


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
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(seconds, used.ru_utime + used.ru_stime)


def plain_environment() -> dict[str, str]:
    """The environment without settings of photoseek's, and a port where nothing can listen."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("PHOTOSEEK_")}
    return own | {"PHOTOSEEK_HTTP_PORT": "1"}
