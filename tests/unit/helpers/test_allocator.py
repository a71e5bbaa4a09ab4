"""The arenas that threads get memory from, in processes of their own."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from photoseek.helpers.machine import processors

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other systems have none")

ARENAS = """
import ctypes, sys, threading
from photoseek.helpers.allocator import give_back, use_few_arenas
from photoseek.helpers.machine import processors

if "--few" in sys.argv:
    use_few_arenas()
if "--task" in sys.argv:
    from photoseek.cli import main
    main(["completion", "bash"])
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
all_have_some = threading.Barrier(max(40, 2 * processors()))

def take():
    libc.malloc(1000)
    all_have_some.wait()

threads = [threading.Thread(target=take) for _ in range(all_have_some.parties)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
give_back()
libc.fopen.restype = ctypes.c_void_p
told = libc.fopen(sys.argv[1].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(told))
libc.fclose(ctypes.c_void_p(told))
"""


def begun(told: Path, *options: str, **environment: str) -> subprocess.Popen[bytes]:
    """A process of many threads that tells of its arenas. It starts without packages of others,
    unless it does a task first.
    """
    others = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    alone = () if "--task" in options else ("-S",)
    return subprocess.Popen(
        [sys.executable, *alone, "-c", ARENAS, told, *options],
        env=others | environment,
        cwd=Path(__file__).parents[3],
        stdout=subprocess.DEVNULL,
    )


def test_threads_share_few_arenas_unless_somebody_says_how_many(tmp_path: Path) -> None:
    few, said = max(2, processors()), max(2, processors()) + 1
    processes = {  # at once: on a busy machine each of them waits for a processor
        "all": begun(tmp_path / "all"),
        "few": begun(tmp_path / "few", "--few"),
        "task": begun(tmp_path / "task", "--task"),
        "said": begun(tmp_path / "said", "--few", MALLOC_ARENA_MAX=str(said)),
    }
    assert {name: process.wait() for name, process in processes.items()} == dict.fromkeys(
        processes, 0
    )
    arenas = {name: (tmp_path / name).read_text("ascii").count("<heap nr=") for name in processes}
    assert arenas["all"] > few >= max(arenas["few"], arenas["task"])
    assert arenas["said"] == said


FREED = """
import ctypes, sys
from pathlib import Path
from photoseek.helpers.allocator import keep_some_free

def memory():
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("RssAnon:")[2].split()[0])

if "--keep" in sys.argv:
    keep_some_free()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
before = memory()
block = ctypes.c_void_p(libc.malloc(16 << 20))
ctypes.memset(block, 1, 16 << 20)
libc.free(block)
print(memory() - before)
"""


def kept(*options: str, **environment: str) -> int:
    """Kilobytes that a process keeps of 16 MB that it has freed."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    command = [sys.executable, "-S", "-c", FREED, *options]
    root = Path(__file__).parents[3]
    return int(subprocess.check_output(command, env=others | environment, cwd=root))


def test_what_is_freed_is_kept_for_the_next_unless_somebody_says_how_much() -> None:
    said = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
    assert kept() < 2000
    assert kept("--keep") > 16_000
    assert kept("--keep", **said) < 2000
