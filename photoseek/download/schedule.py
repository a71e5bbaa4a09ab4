"""Which photo is fetched next: many servers at once, none of them too hard."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from photoseek.download.hosts import host_of
from photoseek.records import Photo


@dataclass(slots=True)
class Job:
    """One photo to fetch; `attempt` counts from 1."""

    photo: Photo
    attempt: int = 1
    host: str = field(init=False)

    def __post_init__(self) -> None:
        self.host = host_of(self.photo.uri)


@dataclass(slots=True)
class _Host:
    waiting: deque[Job] = field(default_factory=deque)
    active: int = 0
    resume_at: float = 0.0
    offered: bool = False


class Schedule:
    """Hands out jobs, at most `per_host` of one host at a time, and none of a host that rests.

    Waiting for a host or for another attempt keeps no worker busy. For one event loop.
    """

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._hosts: dict[str, _Host] = {}
        self._ready: asyncio.Queue[str] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def add(self, job: Job) -> None:
        """Take a job, which is handed out when its turn comes."""
        self._hosts.setdefault(job.host, _Host()).waiting.append(job)
        self._offer(job.host)

    def add_later(self, job: Job, seconds: float) -> None:
        """Take a job that is not to be handed out before a while."""
        self._loop.call_later(seconds, self.add, job)

    def rest(self, host: str, seconds: float) -> None:
        """Hand out no job of a host for a while."""
        state = self._hosts.setdefault(host, _Host())
        state.resume_at = max(state.resume_at, self._loop.time() + seconds)

    async def take(self) -> Job:
        """Wait for a job that may be done now. Give its host back with `release`."""
        while True:
            name = await self._ready.get()
            host = self._hosts[name]
            host.offered = False
            if self._may_begin(host):
                host.active += 1
                job = host.waiting.popleft()
                self._offer(name)
                return job
            self._offer(name)

    def release(self, job: Job) -> None:
        """Say that a job which was taken needs its server no longer."""
        self._hosts[job.host].active -= 1
        self._offer(job.host)

    def has_more(self, job: Job) -> bool:
        """Whether other jobs wait for the host of a job that was taken."""
        return bool(self._hosts[job.host].waiting)

    def __len__(self) -> int:
        """How many hosts have jobs, are busy with some, or rest."""
        return len(self._hosts)

    def _offer(self, name: str) -> None:
        """Put a host that has work and may be asked into the queue, once."""
        host = self._hosts.get(name)
        if host is None or host.offered:
            return
        rest = host.resume_at - self._loop.time()
        if host.waiting and host.active < self._per_host:
            host.offered = True
            if rest > 0:
                self._loop.call_later(rest, self._ready.put_nowait, name)
            else:
                self._ready.put_nowait(name)
        elif not host.waiting and not host.active and rest <= 0:
            del self._hosts[name]  # lists name more servers than memory should hold

    def _may_begin(self, host: _Host) -> bool:
        rests = host.resume_at > self._loop.time()
        return bool(host.waiting) and host.active < self._per_host and not rests
