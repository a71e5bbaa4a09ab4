"""Waiting on a condition, never for a length of time."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(
    condition: Callable[[], bool], what: str, seconds: float = 240, *, every: float = 0.02
) -> None:
    """Return once the condition holds; fail naming `what` when it does not in time.

    On a busy machine a Flow has taken more than a minute to start. `every` is the pause between
    looks: longer where one takes the time of what is waited for.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        time.sleep(every)
