"""Work that nobody has to wait for, not even Python when it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def in_background(work: Callable[[], T], name: str) -> Future[T]:
    """Run it in a thread of its own, which ends with the process at the latest.

    Those of a pool are joined when Python ends, however long they wait for a silent server.
    """
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # from now on nobody can call it off

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # as pools do: it is raised where the result is asked for
            future.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
