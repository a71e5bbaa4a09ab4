"""What a process may take of its machine, with the files that Linux has of it in containers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from photoseek.helpers.machine import memory, processors


def files(folder: Path, **texts: str) -> Path:
    """A folder of control files; `__` in a name is a dot, and `own` is what /proc says."""
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return folder


def both(folder: Path) -> tuple[Path, Path]:
    return folder, folder / "own"


def test_this_machine() -> None:
    found = memory()
    assert found.total == psutil.virtual_memory().total
    assert 0 < found.most <= found.total
    assert found.available is None or 0 < found.available <= found.total
    assert 1 <= processors() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        ({"cpu_dot_max": "50000 100000"}, 1),
        ({"cpu_dot_max": "max 100000"}, None),
        ({"cpu_dot_max": "6400000 100000"}, None),
        ({"cpu_dot_max": "nonsense"}, None),
        ({"cpu_dot_max": "100000 0"}, None),
        ({"a__b__cpu_dot_max": "max 100000", "a__cpu_dot_max": "100000 100000"}, 1),
        ({}, None),
    ],
)
def test_the_share_of_processors(limits: dict[str, str], most: int | None, tmp_path: Path) -> None:
    """In the newer kind of groups; those above count as well."""
    files(tmp_path, own="0::/a/b", **limits)
    alone = processors(tmp_path / "none", tmp_path / "none")
    assert processors(*both(tmp_path)) == (alone if most is None else most)


def test_the_share_of_processors_in_the_older_kind_of_groups(tmp_path: Path) -> None:
    own = "4:cpu,cpuacct:/docker/1\n3:memory:/docker/1"
    files(tmp_path, own=own, cpu__cpu_dot_cfs_quota_us="-1", cpu__cpu_dot_cfs_period_us="100000")
    assert processors(*both(tmp_path)) == processors(tmp_path / "none", tmp_path / "none")
    files(tmp_path, cpu__cpu_dot_cfs_quota_us="100000")
    assert processors(*both(tmp_path)) == 1


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        ({"memory_dot_max": "max"}, None),
        ({"memory_dot_max": "50000000"}, 50_000_000),
        ({"pod__memory_dot_max": "40000000", "memory_dot_max": "50000000"}, 40_000_000),
        ({"memory__memory_dot_limit_in_bytes": "9223372036854771712"}, None),
        ({"memory__memory_dot_limit_in_bytes": "60000000"}, 60_000_000),
        ({}, None),
    ],
)
def test_the_limit_of_memory(limits: dict[str, str], limit: int | None, tmp_path: Path) -> None:
    files(tmp_path, own="0::/pod\n3:memory:/docker/1", **limits)
    found = memory(*both(tmp_path))
    assert found.limit == limit
    assert found.most == (limit or found.total)


THREADS = """
import os
from photoseek.compat.imports import leave_out_more
leave_out_more()  # as every task of the command line does
from photoseek.model.devices import keep_to_share
import torch
for os.environ["OMP_NUM_THREADS"] in ("2", ""):
    torch.set_num_threads(64)
    print(keep_to_share(), torch.get_num_threads())
"""


def test_torch_computes_in_no_more_threads_than_there_are_processors() -> None:
    done = subprocess.run(
        [sys.executable, "-c", THREADS],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout == f"64 64\n{processors()} {processors()}\n"
