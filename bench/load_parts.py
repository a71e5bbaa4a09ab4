"""Gateway, encoder and indexer as processes of their own, which are killed and started again."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.processes import APP, plain_environment
from bench.running import stop, stop_when_told
from photoseek.client import Client
from photoseek.settings import Settings

PARTS = ("gateway", "encoder", "indexer")
START_SECONDS = 300
LOOK_SECONDS = 0.2


@dataclass
class Life:
    """One process of a part, and its memory: seconds since it began, and MB of its own.

    What it has mapped of files, such as its libraries, does not count: the system takes that back
    when others need the room.
    """

    part: str
    process: subprocess.Popen[bytes]
    began: float
    sizes: list[tuple[float, float]] = field(default_factory=list)


class Parts:
    """Context manager: inside it all parts run. What they say goes to a file for each."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._running: dict[str, Life] = {}
        self._lock = threading.Lock()
        self.lives: list[Life] = []
        self.absences: list[tuple[float, float]] = []
        """When a part was away: from just before it was killed until all are ready again."""

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self._settings.http_port}"

    def __enter__(self) -> Self:
        stop_when_told()
        try:
            for part in PARTS:
                self._start(part)
            self.wait_until_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def kill(self, part: str) -> float:
        """Kill a part as a power cut would, and start it again; gives the seconds until ready."""
        life = self._running[part]
        begun = time.monotonic()
        life.process.kill()
        life.process.wait()
        self._start(part)
        self.wait_until_ready()
        self.absences.append((begun, time.monotonic()))
        return time.monotonic() - begun

    def measure(self) -> None:
        """Note the memory of each part."""
        with self._lock:
            running = list(self._running.values())
        for life in running:
            if size := own_memory(life.process.pid):
                life.sizes.append((time.monotonic() - life.began, size))

    def wait_until_ready(self) -> None:
        """Wait until the gateway says that all parts answer.

        Raises:
            RuntimeError: one of them ended by itself, or is not ready in time.
        """
        end = time.monotonic() + START_SECONDS
        with Client(self.url) as client:
            while not client.ready():
                for part, life in self._running.items():
                    if life.process.poll() is not None:
                        raise RuntimeError(f"The {part} ended: see {self._log(part)}.")
                if time.monotonic() > end:
                    raise RuntimeError(f"Not ready after {START_SECONDS} s: see {self._folder}.")
                time.sleep(LOOK_SECONDS)

    def _stop(self) -> None:
        stop(*(life.process for life in self._running.values()))

    def _start(self, part: str) -> None:
        environment = plain_environment() | self._settings.to_environment()
        with self._log(part).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, str(APP), "-t", part],
                env=environment | {"PYTHONUNBUFFERED": "1"},
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=os.dup(log.fileno()),
            )
        life = Life(part, process, time.monotonic())
        self.lives.append(life)
        with self._lock:
            self._running[part] = life

    def _log(self, part: str) -> Path:
        return self._folder / f"{part}.log"


def own_memory(process: int) -> float:
    """MB of memory that a process has for itself alone (RssAnon); 0 where it is over."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{process}/status").read_text("utf-8").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0
