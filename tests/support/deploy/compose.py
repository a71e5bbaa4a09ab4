"""Runs services of compose.yaml as processes of this machine, and restarts them as it says.

What is a container's own there is translated: its folders, names and ports.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from photoseek.helpers.ports import free_ports
from tests.support.deploy.dockerfile import ROOT, stages, the

COMPOSE = ROOT / "compose.yaml"
SOURCES = ("app.py", "executors", "flows", "photoseek")
PARTS = ("encoder", "indexer", "gateway")
USER = 10001
UNPRIVILEGED = [
    *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs"),
    *(f"--{which}=-all,+dac_read_search" for which in ("bounding-set", "inh-caps", "ambient-caps")),
]
"""Not root, and none of its rights but to read: root's own Python may be of no use to others."""
START_SECONDS = 300
BETWEEN_CHECKS = 1.0
RESTARTS = {"unless-stopped", "always"}


def compose_file(variables: Mapping[str, str]) -> dict[str, Any]:
    """compose.yaml with its variables filled in."""
    text = "\n".join(
        line for line in COMPOSE.read_text("utf-8").splitlines() if not line.strip().startswith("#")
    )
    innermost = re.compile(r"\$\{(\w+)(?::-([^{}]*))?\}")
    while innermost.search(text):
        text = innermost.sub(lambda m: variables.get(m[1]) or m[2] or "", text)
    document: dict[str, Any] = yaml.safe_load(text)
    return document


class Stack:
    """The services of compose.yaml on this machine, for a user who may write nowhere else."""

    def __init__(self, folder: Path, env_file: Mapping[str, str], python: Path) -> None:
        self.folder = folder
        self._python = str(python)
        self.env_file = dict(env_file)
        self.services = compose_file(env_file)["services"]
        self.http, self.grpc, encoder, indexer = free_ports(4)
        self.url = f"http://127.0.0.1:{self.http}"
        self._places = {
            "/opt/venv/bin": str(python.parent),
            "/app": str(folder / "app"),
            "/data": str(folder / "data"),
            "/models": str(folder / "models"),
            "/photos": str(folder / "photos"),
            "encoder:8082": f"127.0.0.1:{encoder}",
            "indexer:8083": f"127.0.0.1:{indexer}",
            "gateway:8080": f"127.0.0.1:{self.http}",
        }
        self._supervised: dict[str, Supervised] = {}

    def begin(self, name: str) -> None:
        """Start a service, whatever it depends on."""
        self._supervised[name] = Supervised(self, name)

    def wait_until_healthy(self, name: str) -> None:
        """Look again and again, more often than compose.yaml does."""
        deadline = time.monotonic() + START_SECONDS
        while not self.healthy(name):
            assert time.monotonic() < deadline, f"{name} did not start:\n{self.log(name)}"
            time.sleep(BETWEEN_CHECKS)

    def healthy(self, name: str) -> bool:
        """Run the health check of a service once."""
        kind, *words = self.services[name]["healthcheck"]["test"]
        assert kind == "CMD"
        return self.run(name, words).returncode == 0

    def job(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`docker compose run --rm name arguments`."""
        return self.run(name, [*self.services[name]["entrypoint"], *arguments])

    def run(self, name: str, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(words),
            **self.surroundings(name),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def command(self, name: str) -> list[str]:
        """What the container of a service runs."""
        entrypoint = self.services[name].get("entrypoint") or the("ENTRYPOINT").words()
        return self._command([*entrypoint, *self.services[name]["command"]])

    def surroundings(self, name: str) -> dict[str, Any]:
        """User, folder and environment of a service's container."""
        service = self.services[name]
        given = service["environment"]
        environment = the("ENV").pairs() | self.env_file | given
        ports = {"PHOTOSEEK_HTTP_PORT": str(self.http), "PHOTOSEEK_GRPC_PORT": str(self.grpc)}
        assert set(ports) <= set(given)
        environment = {k: self._translated(v) for k, v in environment.items()} | ports
        environment["PATH"] = environment["PATH"].replace("$PATH", os.defpath)
        environment["OMP_NUM_THREADS"] = "1"
        return {"cwd": self.folder / "app", "env": environment}

    def pid(self, name: str) -> int:
        """The process of a service, which changes when it is restarted; 0 while there is none."""
        return self._supervised[name].pid

    def kill(self, name: str, number: signal.Signals) -> int:
        """Send a signal to a service behind its supervisor's back; returns which process got it."""
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    def exits(self, name: str) -> list[int]:
        """With which status a service has ended, each time."""
        return self._supervised[name].exits

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", errors="replace")

    def stop(self, *names: str) -> None:
        """Stop these services, or all, each in the time that compose.yaml grants."""
        for name in names or reversed(PARTS):
            if name in self._supervised:
                self._supervised[name].stop()

    def _command(self, words: list[str]) -> list[str]:
        """Without tini, which has nothing to do for a process that is no container's first."""
        words = words[2:] if words[:2] == ["tini", "--"] else words
        program, *arguments = map(self._translated, words)
        program = self._python if program == "python" else program
        return [*(UNPRIVILEGED if os.getuid() == 0 else []), program, *arguments]

    def _translated(self, text: str) -> str:
        for there, here in self._places.items():
            text = re.sub(rf"(?<![\w.]){re.escape(there)}(?!\w)", here, text)
        return text


class Supervised:
    """One service that is started again when it ends, if compose.yaml says so."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.exits: list[int] = []
        self.pid = 0
        self._stack, self._name = stack, name
        self._service = stack.services[name]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._supervise, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when the service takes longer than it may."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        seconds = float(self._service["stop_grace_period"].removesuffix("s"))
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM) if self.pid else None
        self._thread.join(seconds)
        if self._thread.is_alive():
            os.kill(self.pid, signal.SIGKILL)
            self._thread.join()

    def _supervise(self) -> None:
        while not self._stopped.is_set():
            with (self._stack.folder / f"{self._name}.log").open("ab") as log:
                process = subprocess.Popen(
                    self._stack.command(self._name),
                    **self._stack.surroundings(self._name),
                    stdout=log,
                    stderr=log,
                )
            self.pid = process.pid
            status = process.wait()
            self.pid = 0
            self.exits.append(status)
            if self._service["restart"] not in RESTARTS:
                return
            self._stopped.wait(0.1)  # as long as Docker waits the first time


@contextmanager
def running_stack(photos: Path, env_file: Mapping[str, str], python: Path) -> Iterator[Stack]:
    """A folder with read-only sources and writable volumes, in which that Python runs services."""
    folder = Path(tempfile.mkdtemp(prefix="photoseek-compose-"))
    folder.chmod(0o755)
    stack = Stack(folder, env_file, python)
    try:
        _fill(folder, photos, python)
        yield stack
    finally:
        stack.stop()
        for path in (folder / "app").rglob("*"):
            path.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)


def _fill(folder: Path, photos: Path, python: Path) -> None:
    app = folder / "app"
    app.mkdir()
    for name in SOURCES:
        source, target = ROOT / name, app / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (compiling,) = (i.text for i in stages()["photoseek"] if "compileall" in i.text)
    subprocess.run([python, *compiling.split()[1:]], cwd=app, check=True)
    shutil.copytree(photos, folder / "photos")
    for path in [app, *app.rglob("*"), folder / "photos", *(folder / "photos").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    for name in ("data", "models"):
        (folder / name).mkdir()
        if os.getuid() == 0:
            os.chown(folder / name, USER, USER)
