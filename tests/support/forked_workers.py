"""Begins the workers of pytest-xdist as forks of one process that has imported what tests import.

Each of them would else import all of it for itself, which takes seven seconds of CPU.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, BinaryIO, NoReturn

import execnet
import numpy as np
from execnet import gateway_io
from execnet.gateway_base import Popen2IO
from typing_extensions import override

IMPORTED = ("photoseek.compat.lance", "photoseek.model.loading", "pandas", "timm", "torchvision")
"""Beside what the conftests import."""


class _Worker:
    """A fork that waits for what execnet tells a new Python to do, at its standard input."""

    def __init__(self, others: Sequence[_Worker]) -> None:
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            for each in others:  # else it keeps them alive when the first process is killed
                os.close(each.stdin.fileno())
                os.close(each.stdout.fileno())
            os.close(ours_in)
            os.close(ours_out)
            _become(theirs_in, theirs_out)
        os.close(theirs_in)
        os.close(theirs_out)
        self.stdin: BinaryIO = os.fdopen(ours_in, "wb")
        self.stdout: BinaryIO = os.fdopen(ours_out, "rb")


class _WorkerIO(gateway_io.Popen2IOMaster):
    """What execnet reads from a worker and writes to it."""

    def __init__(self, worker: _Worker, model: Any) -> None:
        self._pid = worker.pid
        Popen2IO.__init__(self, worker.stdin, worker.stdout, execmodel=model)

    @override
    def wait(self) -> int | None:
        try:
            return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        except ChildProcessError:
            return None

    @override
    def kill(self) -> None:
        try:
            os.kill(self._pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def fork_workers(specs: Sequence[execnet.XSpec]) -> None:
    """Fork a worker for each of these; execnet starts a new Python for what comes later.

    All of them before the first is spoken to, which takes a thread.
    """
    if sys.platform != "linux" or any(not spec.popen or spec.python for spec in specs):
        return
    # LanceDB's thread may be at work when a process forks, which it warns of; here it never is.
    warnings.filterwarnings("ignore", message="lancedb fork support")
    for name in IMPORTED:
        import_module(name)
    gc.freeze()
    waiting: list[_Worker] = []
    for _ in specs:
        waiting.append(_Worker(waiting))
    gc.unfreeze()
    create_io = gateway_io.create_io

    def create(spec: execnet.XSpec, execmodel: Any) -> Any:
        if not waiting or spec not in specs:
            return create_io(spec, execmodel=execmodel)
        return _WorkerIO(waiting.pop(0), execmodel)

    gateway_io.create_io = create


def _become(reading: int, writing: int) -> NoReturn:
    """Do what Python does first in a new process, and what it is told."""
    code = 1
    try:
        for number, file in enumerate((reading, writing)):
            os.dup2(file, number)
            os.close(file)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 -- handles and no paths
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", 1, errors="backslashreplace", closefd=False)  # noqa: SIM115
        sys.argv = ["-c"]
        # What the pytest of the first process has changed; that of the worker begins anew.
        logging.root.handlers.clear()
        sys.unraisablehook, threading.excepthook = sys.__unraisablehook__, threading.__excepthook__
        np.random.seed()
        sys.modules["__main__"] = ModuleType("__main__")
        exec(eval(sys.stdin.readline()), vars(sys.modules["__main__"]))
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:  # the end of a process; what is above on the stack is the first one's
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stderr.flush()
        os._exit(code)
