"""LanceDB as photoseek uses it.

It comes without its client for servers of namespaces, which takes a quarter of the time to load,
and what waits for it minds the deadline of its thread: LanceDB by itself asks a silent S3 again
and again for minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from photoseek.compat.imports import bare_package, stand_ins
from photoseek.helpers.deadlines import is_hurried, seconds_left

_SERVERS = "lance_namespace_urllib3_client"

with stand_ins({_SERVERS: bare_package(_SERVERS)}):
    import lancedb
    from lancedb.background_loop import LOOP


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Wait for work in LanceDB's own thread, and call it off when the time is over.

    Raises TimeoutError then. What was called off leaves neither a thread nor a connection behind.
    """
    answer = asyncio.run_coroutine_threadsafe(work, LOOP.loop)
    try:
        return answer.result(max(0.0, seconds_left()) if is_hurried() else None)
    except BaseException:
        answer.cancel()
        raise


LOOP.run = _run

__all__ = ["lancedb"]
