"""Runs command lines as people type them, with a `photoseek` that is a fork of the zygote."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import zygote

_ASKING = """#!{python} -ES
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as relay:
    relay.connect({relay!r})
    order = {{"script": {app!r}, "arguments": sys.argv[1:]}}
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
    place = str(binaries / "relay")
    program = binaries / "photoseek"
    words = {"app": str(zygote.APP), "relay": place, "longest": zygote.LONGEST}
    program.write_text(_ASKING.format(python=sys.executable, **words), "utf-8")
    program.chmod(0o755)
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as relay:
        relay.bind(place)
        relay.listen()
        thread = threading.Thread(target=_pass_on, args=[relay], name="relay")
        thread.start()
        try:
            yield Shell(folder, {**os.environ, "COLUMNS": "200", **environment, "PATH": path})
        finally:
            relay.shutdown(socket.SHUT_RDWR)
            thread.join()


def _pass_on(relay: socket.socket) -> None:
    """Have the zygote fork for each who asks, one after the other, until the socket is closed."""
    while True:
        try:
            asking, _ = relay.accept()
        except OSError:
            return
        with asking:
            order, files, *_ = socket.recv_fds(asking, zygote.LONGEST, 3)
            try:
                code = zygote.ask(order, files)
            finally:
                for file in files:
                    os.close(file)
            asking.send(str(code).encode())
