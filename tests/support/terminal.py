"""Runs app.py the way people do."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import psutil

from tests.support.waiting import PATIENCE
from tests.support.zygote import Forked

ROOT = Path(__file__).parents[2]
COLUMNS = 120
_CODES = re.compile(r"\x1b\]8;.*?\x1b\\|\x1b\[[0-9;?]*[a-zA-Z]")
"""What a terminal does not show: colours, links, ways of the cursor."""


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, str(ROOT / "app.py"), *map(str, arguments)]


def photoseek(
    *arguments: str | Path,
    stdin: str = "",
    environment: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run app.py to its end, forked from a process that has imported all of it."""
    return run_forked(
        command(*arguments),
        stdin=stdin,
        environment={"COLUMNS": "200"} | (environment or {}),
        cwd=cwd,
    )


def run_forked(
    program: list[str],
    *,
    stdin: str = "",
    environment: Mapping[str, str],
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program of Python to its end; standard output and error are kept apart."""
    with Forked(
        program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
        cwd=cwd,
    ) as process:
        try:
            output, errors = process.communicate(stdin, timeout=240)
        except subprocess.TimeoutExpired as error:
            abort_family(process.pid)
            raise AssertionError(process.communicate(timeout=60)) from error
        finally:
            process.kill()
    return subprocess.CompletedProcess(program, process.returncode, output, errors)


def hits(result: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    """What a search has printed with --json."""
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def in_new_process(
    *arguments: str | Path,
    environment: dict[str, str] | None = None,
    encoding: str = "utf-8",
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """As `photoseek`, from the very start of a process. Its output is in that encoding."""
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        encoding=encoding,
        timeout=240,
        env=os.environ | {"COLUMNS": "200"} | (environment or {}),
        cwd=cwd,
        check=False,
    )


def on_terminal(
    *arguments: str | Path, columns: int = 200, environment: dict[str, str] | None = None
) -> list[str]:
    """The lines that a terminal of that width shows, without their colours and links."""
    ours, theirs = pty.openpty()
    with open(ours, "rb", closefd=True) as terminal:  # noqa: PTH123 -- a handle and no path
        process = Forked(
            command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"COLUMNS": str(columns), "TERM": "xterm"} | (environment or {}),
        )
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # what the end of a terminal is to its reader
            while piece := terminal.read1():
                shown += piece
        _, said = process.communicate(timeout=240)
    assert process.returncode == 0, said
    return _CODES.sub("", shown.decode()).splitlines()


class OnTerminal:
    """app.py in the foreground of a terminal of its own, which shows its errors and, unless that
    leads somewhere else, its output.
    """

    def __init__(
        self,
        *arguments: str | Path,
        stdout: IO[bytes] | None = None,
        environment: dict[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (40, COLUMNS))
        self._process = Forked(
            command(*arguments),
            stdin=theirs,
            stdout=stdout or theirs,
            stderr=theirs,
            env=os.environ | {"COLUMNS": str(COLUMNS), "TERM": "xterm"} | (environment or {}),
            cwd=cwd,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the terminal has shown what fits the pattern."""
        while not (found := re.search(pattern, self.shown)):
            assert self._read(), self.shown
        return found

    def press_ctrl_c(self) -> None:
        os.write(self._ours, b"\x03")

    def end(self) -> int:
        """Wait for the end; its exit code."""
        while self._read():
            pass
        os.close(self._ours)
        return self._process.wait(timeout=PATIENCE)

    def _read(self) -> bool:
        with contextlib.suppress(OSError):  # what the end of a terminal is to its reader
            piece = os.read(self._ours, 65_536).decode(errors="replace")
            self.shown += _CODES.sub("", piece)
            return True
        return False


def family(pid: int) -> list[psutil.Process]:
    """A process and everything below it."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def abort_family(pid: int) -> None:
    """Have a process and everything below it say where each of their threads is, and end."""
    for member in reversed(family(pid)):
        with contextlib.suppress(psutil.NoSuchProcess):
            member.send_signal(signal.SIGABRT)


def kill_family(pid: int) -> None:
    """SIGKILL to a process and everything below it, all stopped first so that none escapes."""
    members = family(pid)
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for member in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.send_signal(number)
    psutil.wait_procs(members)
