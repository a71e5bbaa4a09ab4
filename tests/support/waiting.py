"""Waiting on a condition, never for a length of time."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 240
"""Seconds that a test waits for what comes: on a busy machine a Flow has taken more than a minute
to start, and any process or thread may get no processor for many seconds."""


def wait_until(
    condition: Callable[[], bool], what: str, seconds: float = PATIENCE, *, every: float = 0.02
) -> None:
    """Return once the condition holds; fail naming `what` when it does not in time.

    `every` is the pause between looks: longer where one takes the time of what is waited for.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        time.sleep(every)
