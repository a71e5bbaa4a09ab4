"""Locks on files keep threads and processes apart, and go with the process that has them."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from photoseek.download import Journal
from photoseek.errors import StorageError
from photoseek.helpers.locks import FileLock, is_unused, locked, shared
from photoseek.store.lance.local_layout import LocalLayout
from tests.support.other_systems import like_windows

ROOT = Path(__file__).parents[3]

HOLDER = """
import sys
from pathlib import Path
from photoseek.helpers.locks import FileLock

lock = FileLock(Path(sys.argv[1]))
print(lock.acquire(wait="--wait" in sys.argv), flush=True)
sys.stdin.read()
"""

READER = """
import sys
from pathlib import Path
from photoseek.helpers.locks import shared

with shared(Path(sys.argv[1])):
    print("inside", flush=True)
    sys.stdin.read()
"""

BEFORE = """
import fcntl, os, sys

descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o644)
fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
print(True, flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(
    path: Path, environment: dict[str, str] | None = None, *options: str, program: str = HOLDER
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that has tried to take the lock, and what it said."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program, path, *options],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | (environment or {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def test_one_process_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "writer.lock"
    with holder(path) as (process, said):
        assert said == "True"
        with locked(path, wait=False) as has_it:
            assert not has_it
        process.kill()
        process.wait()
        with locked(path, wait=False) as has_it:
            assert has_it, "it goes with its process"
            with holder(path) as (_, other):
                assert other == "False"


def test_without_flock_too(tmp_path: Path) -> None:
    path = tmp_path / "writer.lock"
    with holder(path, like_windows()) as (process, said):
        assert said == "True"
        with holder(path, like_windows()) as (_, other):
            assert other == "False"
        process.kill()
        process.wait()
    with holder(path, like_windows(), "--wait") as (_, said):
        assert said == "True", "it goes with its process"


def test_a_process_of_the_version_before_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "writer.lock"
    with holder(path, program=BEFORE) as (process, said):
        assert said == "True"
        lock = FileLock(path)
        assert not lock.acquire(wait=False)
        threading.Timer(0, process.kill).start()
        assert lock.acquire()
        lock.release()


def test_threads_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "writer.lock"
    inside: list[int] = []

    def work() -> None:
        for _ in range(50):
            with locked(path):
                inside.append(1)
                assert len(inside) == 1
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with locked(path), locked(path, wait=False) as again:
        assert not again


def test_it_is_known_when_nobody_reads(tmp_path: Path) -> None:
    path = tmp_path / "readers.lock"
    assert not is_unused(path, 0), "who read before there was such a file did not say so"
    assert is_unused(path, 0)
    with holder(path, program=READER) as (process, said):
        assert said == "inside"
        with shared(path):
            assert not is_unused(path, 0)
        assert not is_unused(path, 0)
        threading.Timer(0, process.kill).start()
        assert is_unused(path, 60), "it goes with its process"


def test_what_cannot_be_locked_can_be_read(tmp_path: Path) -> None:
    with shared(tmp_path / "gone" / "readers.lock"):
        assert not (tmp_path / "gone").exists()
    with holder(tmp_path / "readers.lock", like_windows(), program=READER) as (_, said):
        assert said == "inside"
        assert not (tmp_path / "readers.lock").exists()


@pytest.mark.parametrize("environment", [{}, like_windows()], ids=["flock", "filelock"])
def test_a_folder_that_is_gone_does_not_come_back(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    with holder(tmp_path / "gone" / "writer.lock", environment) as (process, said):
        assert said == ""
        assert process.wait() == 1
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("kind", ["index", "download"])
def test_an_index_and_a_download_are_locked_as_the_version_before_locked_them(
    tmp_path: Path, kind: str
) -> None:
    names = {"index": ("writer.lock", "upkeep.lock"), "download": (".download.lock",)}[kind]
    with ours(tmp_path, kind):
        for name in names:
            with (tmp_path / name).open("wb") as theirs, pytest.raises(BlockingIOError):
                fcntl.flock(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (tmp_path / names[-1]).open("wb") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)
        refused = pytest.raises(StorageError, match="keeps it in order|Another download writes")
        with refused, ours(tmp_path, kind):
            pass


@contextmanager
def ours(folder: Path, kind: str) -> Iterator[None]:
    """All locks of an index or of a download."""
    if kind == "download":
        with Journal(folder):
            yield
        return
    layout = LocalLayout(folder)
    with layout.keeper() as has_it:
        if not has_it:
            raise StorageError("Another process keeps it in order.")
        with layout.writer():
            yield
