"""asyncio's own event loop, whichever one other libraries have chosen for this process."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, on the loop that comes with Python.

    Jina, and programs that use this package, may have set uvloop for all that `asyncio.run` starts.
    Its servers cannot be asked who waits to be accepted.
    """
    policy = asyncio.DefaultEventLoopPolicy()
    with asyncio.Runner(loop_factory=policy.new_event_loop) as runner:
        return runner.run(main)
