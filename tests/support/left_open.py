"""A plugin of pytest: what a file of tests leaves open fails that file.

Python warns of an open socket or file when it finds it among the garbage, which it looks for amid
any later test. PYTHONTRACEMALLOC=25 says where each was opened.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def nothing_is_left() -> Iterator[None]:
    """Looked for at the end of the last test, when all else of the file is over."""
    yield
    # Jina sets uvloop for all loops to come; those of tests are Python's.
    asyncio.set_event_loop_policy(None)
    gc.collect()
    gc.freeze()  # what is there still is for the tests to come, and not looked at again


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Let go of what fixtures gave, before pytest does: only then it may be garbage."""
    getattr(item, "funcargs", {}).clear()
