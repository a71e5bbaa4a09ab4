"""How long work may take in all, whatever it waits for: the web, S3, a lock; and work that nobody
waits for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from photoseek.helpers import giving_way

T = TypeVar("T")

CONNECT_SECONDS = 10.0
"""How long making a connection may take, to whatever server."""

READ_SECONDS = 15.0
"""The longest silence of a server that is waited for."""

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Inside, what waits gives up after that many seconds, or sooner if it had to before.

    It holds for this thread, and for those that are started with a copy of its context.
    """
    deadline = time.monotonic() + seconds
    if (outer := _deadline.get()) is not None:
        deadline = min(deadline, outer)
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


@contextmanager
def unhurried() -> Iterator[None]:
    """Inside, there is no deadline: for what must not be broken off once it has begun."""
    token = _deadline.set(None)
    try:
        yield
    finally:
        _deadline.reset(token)


def is_hurried() -> bool:
    """Whether there is a deadline."""
    return _deadline.get() is not None


def seconds_left() -> float:
    """Of the time that `within` gives, less than 0 when it is over; endless outside of it."""
    deadline = _deadline.get()
    return float("inf") if deadline is None else deadline - time.monotonic()


@contextmanager
def held(lock: threading.Lock) -> Iterator[None]:
    """Hold a lock inside.

    Raises:
        TimeoutError: others hold it for too long.
    """
    if not lock.acquire(timeout=max(0.0, seconds_left()) if is_hurried() else -1):
        raise TimeoutError("others are in the way for too long")
    try:
        yield
    finally:
        lock.release()


def in_background(work: Callable[[], T], name: str, *, gives_way: bool = False) -> Future[T]:
    """Run it in a thread of its own, which ends with the process at the latest.

    Those of a pool are joined when Python ends, however long they wait for a silent server. It
    `gives_way` to other threads if that is said, and where the one that starts it does.
    """
    is_behind = giving_way.gives_way()
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # from now on nobody can call it off

    def run() -> None:
        try:
            if is_behind:
                giving_way.stay_behind()
            elif gives_way:
                giving_way.give_way()
            future.set_result(work())
        except BaseException as error:  # as pools do: it is raised where the result is asked for
            future.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
