"""A task that is started again when its process dies, where a process cannot fork or must not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.other_systems import like_windows
from tests.support.waiting import PATIENCE

PROGRAM = """
import functools, multiprocessing, os, signal, sys, threading, time

from photoseek.cli.attempts import in_attempts
from photoseek.errors import ServiceError

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def stay():
    print(os.getpid(), flush=True)
    time.sleep(300)

def work(task, attempt):
    try:
        exec(task, globals() | {"attempt": attempt})
    except KeyboardInterrupt:
        return 130
    return 0

if __name__ == "__main__":
    exec("".join(sys.argv[2:]))
    try:
        task = functools.partial(work, sys.argv[1])
        say = functools.partial(print, flush=True)
        sys.exit(in_attempts(task, say, told="Work died", remedy="Rest helps"))
    except ServiceError as error:
        print(error)
        sys.exit(1)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program in a file, as a new process has to find what it is to do."""
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


def started(
    program: Path, task: str, before: str = "", *, forks: bool = False
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, program, task, before],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | ({} if forks else like_windows()),
        start_new_session=True,
    )


def ended(program: Path, task: str, before: str = "", *, forks: bool = False) -> tuple[int, str]:
    with started(program, task, before, forks=forks) as process:
        output, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, output


RUNS_A_THREAD = "threading.Thread(target=threading.Event().wait, daemon=True).start()"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked there")
@pytest.mark.parametrize(
    ("before", "is_new"),
    [("", False), (RUNS_A_THREAD, True), ("import photoseek.compat.lance", False)],
    ids=["alone", "a thread", "LanceDB"],
)
def test_a_process_that_runs_threads_is_not_forked(
    program: Path, before: str, is_new: bool
) -> None:
    """A fork keeps what they hold: an index run then waited for a lock of the store for ever."""
    task = "print(multiprocessing.parent_process() is not None)"
    assert ended(program, task, before, forks=True) == (0, f"{is_new}\n")


@pytest.mark.parametrize("code", [0, 1, 143])
def test_it_ends_as_the_task_ends(program: Path, code: int) -> None:
    assert ended(program, f"sys.exit({code})") == (code, "")


def test_one_that_dies_is_started_again_and_told_who_died(program: Path) -> None:
    code, output = ended(program, "die() if attempt.died is None else print(attempt.died)")
    said, died = output.splitlines()
    assert code == 0
    assert said.startswith("Work died (SIGKILL). Looking for the photo")
    assert int(died) > 0


def test_it_goes_on_for_as_long_as_photos_are_found(program: Path, tmp_path: Path) -> None:
    count = tmp_path / "count"
    count.write_text("0")
    task = f"from pathlib import Path; file = Path({str(count)!r}); "
    task += "number = int(file.read_text('utf-8')) + 1; file.write_text(str(number), 'utf-8'); "
    task += "number in (3, 5) and attempt.found(); number < 6 and die()"
    code, output = ended(program, task)
    assert count.read_text() == "6"
    assert code == 0
    assert len(output.splitlines()) == 5


def test_no_photo_is_looked_for_when_all_were_read(program: Path) -> None:
    code, output = ended(program, "attempt.found(); attempt.has_read_all(); die()")
    assert code == 1
    [said] = output.splitlines()
    assert said.startswith("Work died (SIGKILL) after all photos had been read")
    assert "more memory than there is: Rest helps." in said


def test_a_code_that_no_task_gives_is_a_death(program: Path) -> None:
    """So it is told on Windows, where no signal kills: an access violation is 0xc0000005."""
    code, output = ended(program, "os._exit(5)")
    assert code == 1
    assert "Work died 3 times, of exit code 0x5 at last" in output


def test_ctrl_c_reaches_both_and_stops_both(program: Path) -> None:
    with started(program, "stay()") as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert not psutil.wait_procs([child], timeout=PATIENCE)[1]


def test_the_task_ends_with_the_process_that_started_it(program: Path) -> None:
    with started(program, "stay()") as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        process.kill()
        process.wait()
        assert not psutil.wait_procs([child], timeout=PATIENCE)[1]


def test_it_does_not_wait_for_threads_of_the_task(program: Path) -> None:
    wait = "import threading; threading.Thread(target=time.sleep, args=(300,)).start(); "
    assert ended(program, f"{wait}print('done')") == (0, "done\n")
