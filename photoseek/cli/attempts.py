"""A task in a process of its own, which is started again when a photo has killed it."""

from __future__ import annotations

import sys
from collections.abc import Callable

from photoseek.cli.child import Ended, Work
from photoseek.cli.forked import can_fork, run_forked
from photoseek.errors import ServiceError

MOST_DEATHS = 2
"""Processes that die one after the other without a photo being found out."""


def in_attempts(work: Work, say: Callable[[str], None], *, told: str, remedy: str) -> int:
    """Work in a child process, and in another one for as long as they die; the last one's status.

    `told` is what is said of a death, and `remedy` what takes less memory. It ends without
    waiting for threads of its own: one may wait for a slow photo.

    Raises:
        ServiceError: they died again and again, or after all photos were read, and it is no
            photo's fault.
    """
    died, deaths = None, 0
    run = _runner()
    while True:
        sys.stdout.flush()
        ended = run(work, died)
        if not ended.died:
            return ended.code
        if ended.had_read_all:
            raise ServiceError(
                f"{told} ({ended.died}) after all photos had been read, so none of them is to "
                f"blame. It may need more memory than there is: {remedy}. The same command goes "
                "on from where it was."
            )
        died, deaths = ended.pid, 1 if ended.found else deaths + 1
        if deaths > MOST_DEATHS:
            raise ServiceError(
                f"{told} {deaths} times, of {ended.died} at last, and no "
                f"photo was found that it dies of. It may need more memory than there is: {remedy}."
            )
        say(f"{told} ({ended.died}). Looking for the photo that it died of.")


def _runner() -> Callable[[Work, int | None], Ended]:
    """What runs a child on this system."""
    if can_fork():
        return run_forked
    from photoseek.cli.spawned import run_spawned  # multiprocessing takes a while to import

    return run_spawned
