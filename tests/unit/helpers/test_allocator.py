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

if "--few" in sys.argv:
    use_few_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
all_have_some = threading.Barrier(40)

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


def arenas(folder: Path, *options: str, **environment: str) -> int:
    path = folder / "arenas.xml"
    others = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    subprocess.run(
        [sys.executable, "-c", ARENAS, path, *options],
        env=others | environment,
        cwd=Path(__file__).parents[3],
        check=True,
    )
    return path.read_text("ascii").count("<heap nr=")


def test_threads_share_few_arenas_unless_somebody_says_how_many(tmp_path: Path) -> None:
    many = arenas(tmp_path)
    assert many > max(2, processors())
    assert arenas(tmp_path, "--few") <= max(2, processors())
    assert arenas(tmp_path, "--few", MALLOC_ARENA_MAX=str(many)) == many
