"""Threads for searches alone, so that a search never waits behind the photos being indexed."""

import asyncio
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from photoseek.helpers.under_way import UNDER_WAY

THREADS = 32
"""Searches at once; most of these threads wait, for the model, a bucket or an engine."""

DISK_THREADS = min(max(12, os.cpu_count() or 1), THREADS)
"""Searches at once in an index on this disk: six whose texts are encoded together, and six that
look meanwhile. Each makes Lance read several files at the same time, each in a thread of its own.
In an index of many small commits 32 searches had it start hundreds of the 512 that its runtime
allows, and took half as long again as eight at a time."""


class QueryThreads:
    """A pool that answers the queries of a request all at once."""

    def __init__(self, threads: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, "query")

    async def map(self, answer: Callable[[Any], Any], queries: Iterable[Any]) -> list[Any]:
        """The answers, in order. A deadline of the caller counts from here, not from a free thread.

        What waits for a thread when its caller is gone is not begun.
        """
        run = asyncio.get_running_loop().run_in_executor
        return await asyncio.gather(
            *(run(self._pool, copy_context().run, _counted, answer, query) for query in queries)
        )

    def close(self) -> None:
        """Start nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _counted(answer: Callable[[Any], Any], query: Any) -> Any:
    with UNDER_WAY.one():
        return answer(query)
