"""Runs app.py in forks of a process that has imported all that it imports, which saves seconds.

    python -m tests.support.zygote FD

It waits at its end of a socket for a command line, an environment and three open files, and forks a
process for each, which starts as a new one would: with that environment, folder and those files,
and with nothing of photoseek's read or begun. Not for tests of how a process starts, of what it
imports, or of its environment as others see it.
"""

from __future__ import annotations

import atexit
import json
import os
import random
import runpy
import socket
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn, TypedDict

from photoseek.compat.imports import leave_out_more

ROOT = Path(__file__).parents[2]
APP = ROOT / "app.py"

IMPORTED = (
    "photoseek.cli.delete",
    "photoseek.cli.download",
    "photoseek.cli.evaluate",
    "photoseek.cli.index",
    "photoseek.cli.query",
    "photoseek.cli.setting_options",
    "photoseek.cli.status",
    "photoseek.cli.watch",
    "photoseek.compat.lance",
    "photoseek.model.loading",
)
"""LanceDB starts a thread when it is imported, and another one by itself in each fork."""

LONGEST = 1 << 20
"""Bytes of an order."""


class _Order(TypedDict):
    script: str
    arguments: list[str]
    environment: dict[str, str]
    cwd: str


def run(
    arguments: Sequence[str],
    *,
    stdin: str,
    environment: Mapping[str, str],
    cwd: Path | None,
    script: Path = APP,
) -> subprocess.CompletedProcess[str]:
    """Run app.py, or another script, to its end; standard output and error are kept apart."""
    with ExitStack() as stack:
        given, out, err = (stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(3))
        given.write(stdin)
        given.seek(0)
        order: _Order = {
            "script": str(script),
            "arguments": list(arguments),
            "environment": dict(environment),
            "cwd": str(cwd or Path.cwd()),
        }
        code = ask(json.dumps(order).encode(), [file.fileno() for file in (given, out, err)])
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(list(arguments), code, out.read(), err.read())


def ask(order: bytes, files: list[int]) -> int:
    """Run what an order says with these files as standard input, output and error.

    Gives the return code, as `subprocess` counts: less than nothing for a signal.
    """
    answers, theirs = socket.socketpair()
    with answers, theirs:
        files = [*files, theirs.fileno()]
        socket.send_fds(_zygote(), [order], files)
        theirs.close()
        answers.settimeout(240)
        return int(answers.recv(100) or 1)


@cache
def _zygote() -> socket.socket:
    """Our end of the socket. The process at the other end goes when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LONGEST)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.zygote", str(theirs.fileno())],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


def main(asked: socket.socket) -> None:
    """Fork for each order, until there is nobody who gives one."""
    leave_out_more()
    # It may be at work when a process forks, and warns of that; here it never is.
    warnings.filterwarnings("ignore", message="lancedb fork support")
    for module in IMPORTED:
        import_module(module)
    while True:
        order, files, *_ = socket.recv_fds(asked, LONGEST, 4)
        if not order:
            return
        if not os.fork():
            asked.close()
            _wait_for(json.loads(order), files)
        for file in files:
            os.close(file)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _wait_for(order: _Order, files: list[int]) -> NoReturn:
    """Start the process, and tell how it ended."""
    *streams, told = files
    pid = os.fork()
    if not pid:
        os.close(told)
        _become(order, streams)
    _, status = os.waitpid(pid, 0)
    os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(order: _Order, streams: list[int]) -> NoReturn:
    """Do what Python does first in a new process, and run the script."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["cwd"])
    paths = order["environment"].get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [path for path in paths if path and path not in sys.path]
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
    sys.argv = [order["script"], *order["arguments"]]
    random.seed()
    try:
        runpy.run_path(order["script"], run_name="__main__")
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
