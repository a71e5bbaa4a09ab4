"""Commits that are begun again when another writer was quicker."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from photoseek.helpers.deadlines import seconds_left, unhurried
from photoseek.helpers.retry import Attempts, Pauses
from photoseek.store.lance.lance_errors import is_conflict

Result = TypeVar("Result")

ATTEMPTS = 12
_PAUSES = Pauses(first=0.025, longest=1.0, spread=1.0)
"""Random, so that writers which met do not meet again."""


def committed(
    commit: Callable[[], Result], *, again: Callable[[], object] = lambda: None
) -> Result:
    """What a commit gives. LanceDB itself tries a merge ten times; many writers need more.

    `again` is called before each further attempt, to look at what the others wrote. A commit that
    has begun is not broken off by a deadline: nobody would know whether it was made.
    """
    attempts = Attempts(ATTEMPTS, _PAUSES)
    while True:
        if seconds_left() <= 0:
            raise TimeoutError("no time is left for a commit")
        try:
            with unhurried():
                return commit()
        except (RuntimeError, OSError) as error:
            if not is_conflict(error):
                raise
            with unhurried():  # when the time ends meanwhile, that is said instead
                attempts.failed(error)
                again()
