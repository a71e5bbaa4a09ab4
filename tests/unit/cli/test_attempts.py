"""A task that is started again when its process dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[3]
PROGRAM = """
import functools, os, signal, sys, time
from photoseek.cli.attempts import in_attempts
from photoseek.errors import ServiceError

def die(number=signal.SIGKILL):
    os.kill(os.getpid(), number)

def stay():
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(300)

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
before = os.getpid()

def work(attempt):
    assert os.getppid() == before
    try:
        exec(sys.argv[1], globals() | {"attempt": attempt})
    except KeyboardInterrupt:
        return 130
    return 0

try:
    say = functools.partial(print, flush=True)
    sys.exit(in_attempts(work, say, told="Work died", remedy="Rest helps"))
except ServiceError as error:
    print(error)
    sys.exit(1)
"""


LIKE_MACOS = "import signal; del signal.sigwaitinfo, signal.sigtimedwait\n"

STOPPED_FOR_A_WHILE = """
import os, signal
# What was seen of a process that had been stopped, and a worse case.
nonsense = [(2019933152, -2012424640), (signal.SIGINT, -2012424640)]
wait = signal.sigtimedwait

def sigtimedwait(expected, seconds):
    if nonsense:
        return signal.struct_siginfo((*nonsense.pop(0), 0, 0, 0, 0, 0))
    signal.sigtimedwait = wait
    os.write(1, b"all nonsense was given\\n")  # at once, as the child writes there too
    return wait(expected, seconds)

signal.sigtimedwait = sigtimedwait
"""


TAKES_SIGNALS = """
import ctypes, os
# A thread of a library, which blocks no signal; and the child has ended before anybody waits.
libc = ctypes.CDLL(None)
libc.pthread_create(ctypes.byref(ctypes.c_ulong()), None, libc.pause, None)
os.register_at_fork(
    after_in_parent=lambda: os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
)
"""


def attempts(task: str, *arguments: str | Path, before: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", before + PROGRAM, task, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def ended(task: str, *arguments: str | Path, before: str = "") -> tuple[int, str]:
    with attempts(task, *arguments, before=before) as process:
        output, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, output


@pytest.mark.parametrize("code", [0, 1, 130])
def test_it_ends_as_the_task_ends(code: int) -> None:
    assert ended(f"sys.exit({code})") == (code, "")


@pytest.mark.skipif(sys.platform != "linux", reason="where a wait for a signal may end")
def test_it_ends_though_another_thread_took_the_signal_of_that() -> None:
    assert ended("sys.exit(7)", before=TAKES_SIGNALS) == (7, "")


@pytest.mark.parametrize("task", ["pass", "attempt.died or die()"])
def test_signals_come_afterwards_as_they_did_before(task: str) -> None:
    said = "import atexit, signal\natexit.register(lambda: print(blocked()))\n"
    said += "def blocked(): return signal.pthread_sigmask(signal.SIG_BLOCK, ())\n"
    code, output = ended(task, before=said)
    assert code == 0
    assert output.splitlines()[-1] == "set()"


def test_one_that_dies_is_started_again_and_told_who_died() -> None:
    code, output = ended("die() if attempt.died is None else print(attempt.died)")
    said, died = output.splitlines()
    assert code == 0
    assert said.startswith("Work died (SIGKILL). Looking for the photo")
    assert int(died) > 0


def test_it_goes_on_for_as_long_as_photos_are_found(tmp_path: Path) -> None:
    """A task that dies once among others and once of each photo alone, of two such photos."""
    count = tmp_path / "count"
    count.write_text("0")
    task = "from pathlib import Path; file = Path(sys.argv[2]); number = int(file.read_text()) + 1;"
    task += (
        "file.write_text(str(number)); number in (3, 5) and attempt.found(); number < 6 and die()"
    )
    code, output = ended(task, count)
    assert count.read_text() == "6"
    assert code == 0
    assert len(output.splitlines()) == 5


def test_no_photo_is_looked_for_when_all_were_read() -> None:
    code, output = ended("attempt.found(); attempt.has_read_all(); die()")
    assert code == 1
    [said] = output.splitlines()
    assert said.startswith("Work died (SIGKILL) after all photos had been read")
    assert "more memory than there is: Rest helps." in said


def test_it_gives_up_when_it_dies_of_no_photo() -> None:
    code, output = ended("die(signal.SIGSEGV)")
    assert code == 1
    assert len(output.splitlines()) == 3
    assert "Work died 3 times, of SIGSEGV at last" in output


@pytest.mark.parametrize("system", ["", LIKE_MACOS], ids=["linux", "macos"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_stops_it_stops_the_task(number: signal.Signals, code: int, system: str) -> None:
    with attempts("stay()", before=system) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        process.send_signal(number)
        assert process.wait(PATIENCE) == code
        assert not child.is_running()


def test_one_that_was_stopped_for_a_while_goes_on_and_can_be_ended() -> None:
    """As by Ctrl-Z: of a wait that ends meanwhile Python gives what lay in memory."""
    with attempts("stay()", before=STOPPED_FOR_A_WHILE) as process:
        assert process.stdout is not None
        number, told = sorted(process.stdout.readline() for _ in range(2))
        assert told == "all nonsense was given\n"
        child = psutil.Process(int(number))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 143
        assert not child.is_running()


def test_ctrl_c_on_a_terminal_reaches_the_task_once() -> None:
    """Both processes get it there; the task must not get it twice."""
    task = "count = []; signal.signal(signal.SIGINT, lambda *_: count.append(1)); "
    task += "signal.signal(signal.SIGTERM, lambda *_: (print('\\ngot', len(count)), sys.exit(0))); "
    task += "print('waiting', flush=True)\nwhile not count: time.sleep(0.01)\n"
    task += "os.kill(before, signal.SIGTERM); signal.pause()"
    pid, terminal = os.forkpty()
    if not pid:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM, task])
    shown = b""
    while b"waiting" not in shown:
        shown += os.read(terminal, 100)
    os.write(terminal, b"\x03")
    try:
        while piece := os.read(terminal, 100):
            shown += piece
    except OSError:  # what the end of a terminal is to its reader
        pass
    assert shown.split()[-2:] == [b"got", b"1"], shown
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)


def test_it_does_not_wait_for_threads_of_the_task() -> None:
    wait = "import threading; threading.Thread(target=time.sleep, args=(300,)).start(); "
    assert ended(f"{wait}print('done')") == (0, "done\n")


def test_the_task_ends_with_the_process_that_started_it() -> None:
    with attempts("stay()") as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        process.kill()
        process.wait()
        assert not psutil.wait_procs([child], timeout=PATIENCE)[1]
