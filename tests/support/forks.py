"""Starts programs of Python as forks of a process that has imported what they import.

Such a process, a zygote, waits at its end of a socket for a command line, an environment and open
files, and forks a process for each, which starts as a new one would: with that environment, folder
and those files, and with nothing of photoseek's read or begun. The fork becomes a child of the one
who asked, who waits for it and kills it as any other. Not for tests of how a process starts, of
what it imports, or of its environment as others see it.
"""

from __future__ import annotations

import atexit
import ctypes
import faulthandler
import gc
import json
import os
import random
import runpy
import socket
import subprocess
import sys
import threading
import time
import traceback
import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, AnyStr, NoReturn, TypedDict

import numpy as np

ROOT = Path(__file__).parents[2]

LONGEST = 1 << 20
"""Bytes of an order."""

PR_SET_CHILD_SUBREAPER = 36
"""Of Linux's prctl: who has it set becomes the parent of processes below whose own has ended."""

_MOST_FILES = 16
_OURS = 300
"""Open files that a program asks for by their numbers have smaller ones; a zygote's own do not."""

_one_at_a_time = threading.Lock()


class Order(TypedDict):
    """What a zygote is asked for, beside the open files."""

    program: list[str]
    environment: dict[str, str]
    cwd: str
    own_session: bool
    inherited: list[int]


class Fork(subprocess.Popen[AnyStr]):
    """As `subprocess.Popen` of Python, a path of a program or "-m" and a module, and arguments.

    Where that is a session of its own, it is in the foreground of the terminal at standard input.
    """

    @abstractmethod
    def zygote(self, order: Order) -> socket.socket:
        """Who forks for this order: what `running_zygote` gives."""

    def _execute_child(self, args: list[str | Path], *given: Any) -> None:
        """Where Popen forks and executes, after it has made the pipes."""
        if sys.platform != "linux":
            super()._execute_child(args, *given)  # type: ignore[misc]
            return
        inherited: tuple[int, ...] = given[3]
        cwd, environment = given[4:6]
        assert all(number < _OURS for number in inherited), inherited
        pipes = given[9:15]  # a reading and a writing end for each of the three files
        order: Order = {
            "program": [*map(str, args[1:])],
            "environment": dict(os.environ if environment is None else environment),
            "cwd": str(cwd or Path.cwd()),
            "own_session": bool(given[20]),
            "inherited": [*inherited],
        }
        theirs = enumerate((pipes[0], pipes[3], pipes[5]))
        files: list[int] = [number if file == -1 else file for number, file in theirs]
        self.pid = _ask(self.zygote(order), json.dumps(order).encode(), [*files, *inherited])
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]


def _ask(zygote: socket.socket, order: bytes, files: list[int]) -> int:
    """Fork for an order, with these files as standard input, output and error, and others.

    Gives the process, a child of this one.
    """
    with _one_at_a_time, _parent_of_orphans():
        socket.send_fds(zygote, [order], files)
        return int(zygote.recv(100))


@contextmanager
def _parent_of_orphans() -> Iterator[None]:
    """Only inside: a test that looks for what is left of a program must not be its parent."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


@cache
def running_zygote(module: str, *variables: tuple[str, str]) -> socket.socket:
    """Our end of the socket of `python -m MODULE FD`, with these variables more in its environment.

    The process at the other end goes when this one does.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LONGEST)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(theirs.fileno())],
            cwd=ROOT,
            env=os.environ | dict(variables),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    atexit.register(process.wait)
    atexit.register(ours.close)
    ours.settimeout(240)
    assert ours.recv(100), "it has ended"
    return ours


def fork_for(asked: socket.socket, load: Callable[[], None]) -> None:
    """Import what programs import, and fork for each order, until there is nobody who gives one."""
    gc.disable()
    # It may be at work when a process forks, and warns of that; here it never is.
    warnings.filterwarnings("ignore", message="lancedb fork support")
    # What libraries open, here or when they are forked, gets no number that a program asks for.
    places = list(iter(lambda: os.dup(0), _OURS))
    load()
    gc.freeze()
    asked.send(b"ready")
    while True:
        order, files, *_ = socket.recv_fds(asked, LONGEST, _MOST_FILES)
        if not order:
            return
        ours, theirs = os.pipe()
        between = os.fork()
        pid = 0 if between else os.fork()
        if not (between or pid):
            for file in (ours, theirs, asked.detach()):
                os.close(file)
            _become(json.loads(order), files, places)
        if not between:
            os.write(theirs, str(pid).encode())
            os._exit(0)  # and its child gets another parent
        os.waitpid(between, 0)
        asked.send(os.read(ours, 100))
        for file in (*files, ours, theirs):
            os.close(file)


def load_the_model() -> None:
    """Import what loads a model, and find out once for all what the processor is good at."""
    import_module("photoseek.model.loading")
    before = _threads()
    next(import_module("photoseek.model.devices").ways("cpu", "auto"))
    while _threads() - before:  # one that is about to end has locks that a fork would keep
        time.sleep(0.01)


def _threads() -> set[str]:
    """The threads of this process, as the system knows them, but the one of an allocator."""
    tasks = Path("/proc/self/task")
    return {each.name for each in tasks.iterdir() if "jemalloc" not in _name_of(each)}


def _name_of(task: Path) -> str:
    try:
        return (task / "comm").read_text("utf-8")
    except OSError:  # it has ended meanwhile
        return ""


def _become(order: Order, files: list[int], places: list[int]) -> NoReturn:
    """Do what Python does first in a new process, and run the program."""
    gc.enable()
    wanted = (0, 1, 2, *order["inherited"])
    for file in set(places) - set(wanted):
        os.close(file)
    for number, file in zip(wanted, files, strict=True):
        os.dup2(file, number)
        os.close(file)
    if order["own_session"]:
        os.setsid()
        if os.isatty(0):
            import fcntl  # which Windows has not
            import termios

            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    environment, program = order["environment"], order["program"]
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(order["cwd"])
    is_module = program[0] == "-m"
    paths = [order["cwd"] if is_module else str(Path(program[0]).parent)]
    paths += environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:1] = [path for path in paths if path and path not in sys.path[1:]]
    encoding, _, errors = environment.get("PYTHONIOENCODING", "").partition(":")
    how: dict[str, Any] = {"encoding": encoding or None, "closefd": False}
    sys.stdin = os.fdopen(0, errors=errors or None, **how)
    sys.stdout = os.fdopen(1, "w", errors=errors or None, **how)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", **how)
    sys.argv = program[is_module:]
    sys.orig_argv = [sys.executable, *program]
    faulthandler.enable(2)  # to be told where it hangs, by SIGABRT
    random.seed()
    np.random.seed()
    try:
        if is_module:
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(sys.argv[0], run_name="__main__")
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        if isinstance(stop.code, str):
            print(stop.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
