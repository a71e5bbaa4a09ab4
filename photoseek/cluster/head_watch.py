"""Noticing that the head of a Ray cluster is gone, of which Ray itself says nothing to a run.

Workers go on without it for a minute, and then end; a process of Ray's that finds no head within a
minute ends itself in the middle of things, with a line for those who make Ray.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from photoseek.helpers.deadlines import in_background

LOOK_EVERY = 5.0
PATIENCE = 30.0
"""Seconds between two looks, and without an answer until the head is thought to be gone."""


@contextmanager
def watched(
    knock: Callable[[], None],
    on_gone: Callable[[], None],
    *,
    look_every: float = LOOK_EVERY,
    patience: float = PATIENCE,
) -> Iterator[None]:
    """Inside, `on_gone` is called once when `knock` has raised OSError for long enough."""
    is_over = threading.Event()

    def look() -> None:
        answered = time.monotonic()
        while not is_over.wait(look_every):
            try:
                knock()
                answered = time.monotonic()
            except OSError:
                if time.monotonic() - answered >= patience:
                    on_gone()
                    return

    in_background(look, "head")
    try:
        yield
    finally:
        is_over.set()
