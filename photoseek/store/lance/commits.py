"""Commits that are begun again when another writer was quicker."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from photoseek.helpers.deadlines import seconds_left, unhurried
from photoseek.store.lance.lance_errors import is_conflict

Result = TypeVar("Result")

ATTEMPTS = 12
_LONGEST_PAUSE = 2.0


def committed(commit: Callable[[], Result]) -> Result:
    """What a commit gives. LanceDB itself tries a merge ten times; many writers need more.

    The pauses are random, so that writers which met do not meet again. A commit that has begun is
    not broken off by a deadline: nobody would know whether it was made.
    """
    for attempt in range(ATTEMPTS):
        if seconds_left() <= 0:
            raise TimeoutError("no time is left for a commit")
        try:
            with unhurried():
                return commit()
        except (RuntimeError, OSError) as error:
            if not is_conflict(error) or attempt == ATTEMPTS - 1:
                raise
        time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.05 * 2**attempt)))
    raise AssertionError("the last attempt returns or raises")
