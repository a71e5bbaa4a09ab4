"""Processes that a measurement starts: they end with it, whatever ends it but SIGKILL."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import psutil

STOP_SECONDS = 30
"""After which a process that was told to stop is killed."""


@contextmanager
def running(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Inside, a command runs; `options` are those of `subprocess.Popen`."""
    stop_when_told()
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        stop(process)


def printed(command: Sequence[str], **options: Any) -> str:
    """What a command prints.

    Raises:
        subprocess.CalledProcessError: it failed; what it said stands in standard error.
    """
    with running(command, stdout=subprocess.PIPE, **options) as process:
        output, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return output.decode()


def stop(*processes: subprocess.Popen[bytes]) -> None:
    """End processes, and wait until they are over."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def stop_when_told() -> None:
    """From now on SIGTERM ends this process as Ctrl-C does: what it has started is stopped first.

    By itself it would end at once, and leave a server that nobody knows of.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _stop)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is under way
    children = psutil.Process().children()  # with one that `Popen` is still about to give
    for child in children:
        child.terminate()
    for child in psutil.wait_procs(children, STOP_SECONDS)[1]:
        child.kill()
    sys.exit(128 + number)
