"""Threads for searches alone, so that a search never waits behind the photos being indexed."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

THREADS = 32
"""Searches at once; most of these threads wait, for the model or for the index."""


class QueryThreads:
    """A pool that answers the queries of a request all at once."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, "query")

    async def map(self, answer: Callable[[Any], Any], queries: Iterable[Any]) -> list[Any]:
        """The answers, in order. A deadline of the caller counts from here, not from a free thread.

        What waits for a thread when its caller is gone is not begun.
        """
        run = asyncio.get_running_loop().run_in_executor
        return await asyncio.gather(
            *(run(self._pool, copy_context().run, answer, query) for query in queries)
        )

    def close(self) -> None:
        """Start nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
