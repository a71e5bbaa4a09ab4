"""Runs app.py the way people do."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.support import zygote

ROOT = Path(__file__).parents[2]


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, str(ROOT / "app.py"), *map(str, arguments)]


def photoseek(
    *arguments: str | Path,
    stdin: str = "",
    environment: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run app.py to its end, forked from a process that has imported all of it."""
    return zygote.run(
        [*map(str, arguments)],
        stdin=stdin,
        environment=os.environ | {"COLUMNS": "200"} | (environment or {}),
        cwd=cwd,
    )


def in_new_process(
    *arguments: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """As `photoseek`, from the very start of a process."""
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | {"COLUMNS": "200"} | (environment or {}),
        check=False,
    )


def on_terminal(*arguments: str | Path, columns: int = 200) -> list[str]:
    """The lines that a terminal of that width shows, without their colours and links."""
    ours, theirs = pty.openpty()
    with open(ours, "rb", closefd=True) as terminal:  # noqa: PTH123 -- a handle and no path
        process = subprocess.Popen(
            command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
            env=os.environ | {"COLUMNS": str(columns), "TERM": "xterm"},
        )
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # what the end of a terminal is to its reader
            while piece := terminal.read1():
                shown += piece
        _, said = process.communicate(timeout=240)
    assert process.returncode == 0, said.decode()
    text = re.sub(r"\x1b\]8;.*?\x1b\\|\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    return text.splitlines()


def family(pid: int) -> list[psutil.Process]:
    """A process and everything below it."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def kill_family(pid: int) -> None:
    """SIGKILL to a process and everything below it, all stopped first so that none escapes."""
    members = family(pid)
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for member in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.send_signal(number)
    psutil.wait_procs(members)
