"""What of this machine is for this process: processors and memory, in a container its share."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")
"""Where Linux says what a group of processes may take, and which groups this one is in."""

UNLIMITED = 1 << 60
"""Bytes. The first kind of groups writes a number without meaning where there is no limit."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of memory.

    Attributes:
        total: what the machine has; 0 where it does not tell.
        limit: what a container may take of it; None outside of one.
        available: what can be had now; None where that is not known.
    """

    total: int
    limit: int | None
    available: int | None

    @property
    def most(self) -> int:
        """What this process can have at all; 0 where that is not known."""
        return self.total if self.limit is None else min(self.total or self.limit, self.limit)


def processors(cgroups: Path = CGROUPS, own: Path = OWN_CGROUPS) -> int:
    """The processors that this process may keep busy, at least 1.

    Not more than the scheduler gives it, and not more than a container's share, rounded up.
    """
    with suppress(AttributeError, OSError):  # macOS and Windows have no such call
        most = len(os.sched_getaffinity(0))
        return max(1, min([most, *_shares(cgroups, own)]))
    return os.cpu_count() or 1


def processor_flags() -> set[str]:
    """What Linux says that the first processor can do; on ARM they have another name."""
    for line in _text(Path("/proc/cpuinfo")).splitlines():
        name, _, said = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return set(said.split())
    return set()


def memory(cgroups: Path = CGROUPS, own: Path = OWN_CGROUPS) -> Memory:
    """The memory of this machine and of the container, where this is one."""
    if sys.platform == "win32":
        return _memory_of_windows()
    limits = [limit for limit in _limits(cgroups, own) if limit < UNLIMITED]
    limit = min(limits, default=None)
    total = _pages("SC_PHYS_PAGES")
    return Memory(total, limit if limit is None or limit < (total or limit + 1) else None, _free())


def _shares(cgroups: Path, own: Path) -> Iterator[int]:
    for group in _groups(cgroups, own, "cpu"):
        quota, _, period = _text(group / "cpu.max").partition(" ")
        if not quota:
            quota = _text(group / "cpu.cfs_quota_us")
            period = _text(group / "cpu.cfs_period_us")
        if quota.isdecimal() and period.isdecimal() and int(period):
            yield max(1, -(-int(quota) // int(period)))


def _limits(cgroups: Path, own: Path) -> Iterator[int]:
    for group in _groups(cgroups, own, "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            if (text := _text(group / name)).isdecimal():
                yield int(text)


def _groups(cgroups: Path, own: Path, controller: str) -> Iterator[Path]:
    """The folders of the groups that this process is in, each with those above it.

    A line is ID:CONTROLLERS:PATH. In the second kind of groups the controllers are "" and all
    lies in one tree, in the first kind each controller has a tree. In a container the path may be
    one of the host, and the limits stand at the top.
    """
    for line in _text(own).splitlines():
        controllers, _, path = line.partition(":")[2].partition(":")
        if controllers == "":
            top = cgroups
        elif controller in controllers.split(","):
            top = cgroups / controller
        else:
            continue
        group = top / path.lstrip("/")
        yield group
        yield from (above for above in group.parents if above.is_relative_to(top))


def _text(path: Path) -> str:
    with suppress(OSError, ValueError):
        return path.read_text("utf-8").strip()
    return ""


def _pages(name: str) -> int:
    with suppress(AttributeError, ValueError, OSError):
        return max(0, os.sysconf(name) * os.sysconf("SC_PAGE_SIZE"))
    return 0


def _free() -> int | None:
    """What Linux counts as available: what is free, and what it can free at once."""
    for line in _text(Path("/proc/meminfo")).splitlines():
        name, _, amount = line.partition(":")
        if name == "MemAvailable":
            return int(amount.split()[0]) * 1024
    return None


class _MemoryStatus(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("total", "available", "c", "d", "e", "f", "g")),
    )


def _memory_of_windows() -> Memory:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 -- mypy knows it on Windows alone
    if not kernel.GlobalMemoryStatusEx(ctypes.byref(status)):
        return Memory(0, None, None)
    return Memory(int(status.total), None, int(status.available))
