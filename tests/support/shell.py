"""Runs command lines as people type them, with programs that are forks of the zygote."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.forks import LONGEST
from tests.support.terminal import ROOT, kill_family
from tests.support.zygote import Forked

_ASKING = """#!{python} -ES
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as relay:
    relay.connect({relay!r})
    order = {{"program": {program!r} + sys.argv[1:]}}
    order |= {{"environment": dict(os.environ), "cwd": os.getcwd()}}
    relay.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, {longest})
    socket.send_fds(relay, [json.dumps(order).encode()], [0, 1, 2])
    code = int(relay.recv(100) or 1)
sys.exit(code if code >= 0 else 128 - code)
"""


@dataclass(frozen=True)
class Shell:
    """Bash in a folder, with an environment."""

    folder: Path
    environment: Mapping[str, str]

    def run(
        self, text: str, *, stdin: str = "", folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run some lines; the first that fails ends them."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=folder or self.folder,
            env=dict(self.environment),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )


@contextmanager
def running_shell(folder: Path, binaries: Path, environment: Mapping[str, str]) -> Iterator[Shell]:
    """A shell that finds `photoseek` in `binaries`, an empty folder with a short path."""
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    usual = {**os.environ, "COLUMNS": "200", "PYTHON": str(binaries / "python")}
    with forking(binaries, photoseek=[str(ROOT / "app.py")], python=[]):
        yield Shell(folder, {**usual, **environment, "PATH": path})


@contextmanager
def forking(binaries: Path, **programs: list[str]) -> Iterator[None]:
    """Inside, these programs in `binaries`, a folder with a short path, are forks of the zygote.

    Each is given with what comes before its arguments: what Python would run, or nothing.
    A fork is killed when the one who started it is.
    """
    place = str(binaries / "relay")
    for name, program in programs.items():
        words = {"program": program, "relay": place, "longest": LONGEST}
        (binaries / name).write_text(_ASKING.format(python=sys.executable, **words), "utf-8")
        (binaries / name).chmod(0o755)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as relay:
        relay.bind(place)
        relay.listen()
        thread = threading.Thread(target=_pass_on, args=[relay], name="relay")
        thread.start()
        try:
            yield
        finally:
            relay.shutdown(socket.SHUT_RDWR)
            thread.join()


def _pass_on(relay: socket.socket) -> None:
    """Fork for each who asks, one after the other, until the socket is closed."""
    while True:
        try:
            asking, _ = relay.accept()
        except OSError:
            return
        with asking:
            order, files, *_ = socket.recv_fds(asking, LONGEST, 3)
            try:
                process = _forked(order, files)
            finally:
                for file in files:
                    os.close(file)
            watcher = threading.Thread(target=_kill_when_gone, args=[asking, process])
            watcher.start()
            code = process.wait()
            with suppress(OSError):  # nobody is there any more
                asking.send(str(code).encode())
                asking.shutdown(socket.SHUT_RDWR)
            watcher.join()


def _forked(order: bytes, files: list[int]) -> Forked:
    given = json.loads(order)
    stdin, stdout, stderr = files
    return Forked(
        [sys.executable, *given["program"]],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=given["environment"],
        cwd=given["cwd"],
    )


def _kill_when_gone(asking: socket.socket, process: Forked) -> None:
    """Kill a process if the one who asked for it ends before it."""
    if not asking.recv(1) and process.poll() is None:
        kill_family(process.pid)
