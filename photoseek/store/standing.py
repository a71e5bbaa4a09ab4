"""Writing to an index whose location may stand for another one from some moment on.

A writer looks before its commit and after it. Before it switches, a reindex holds writers up and
then reads what they have written. So a commit after which its writer found nobody held up is one
that the reindex has seen; any other is made again, by its writer, where the location leads by then.
Who waited for too long goes on, and takes the note away by which it waited: the reindex switches
only while that is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from photoseek.errors import IndexSwitchedError
from photoseek.helpers.deadlines import seconds_left, unhurried

LOOK_EVERY = 0.1
"""Seconds between two looks of a writer that is held up."""


@dataclass(frozen=True, slots=True)
class Look:
    """Whether a location leads to an index, and until which second of the epoch writers wait."""

    leads_here: bool = True
    held_until: float = 0.0


class Standing:
    """What an open index knows of its location."""

    def __init__(
        self,
        location: str,
        look: Callable[[], Look],
        lift: Callable[[float], bool] = lambda _: False,
    ) -> None:
        """`look` raises what the store raises.

        `lift` takes back that writers wait until that second, unless they wait until another one.
        It gives False where this process may not: then that time is over all the same.
        """
        self._location = location
        self._look = look
        self._lift = lift

    def holds(self) -> bool:
        """Whether the location leads to this index still."""
        return self._look().leads_here

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Inside, something is written to the index.

        Raises:
            IndexSwitchedError: before or afterwards its location leads to another one.
            TimeoutError: others hold writers up for longer than there is time.
        """
        self._wait()
        yield
        with unhurried():  # it is written already
            self._wait()

    def _wait(self) -> None:
        while True:
            look = self._look()
            if not look.leads_here:
                raise IndexSwitchedError(
                    f"{self._location} stands for another index since this program has opened it, "
                    "such as one of another model. Run the same command again."
                )
            if not look.held_until:
                return
            if (left := look.held_until - time.time()) <= 0:
                if self._lift(look.held_until):  # so that a reindex which slept finds it gone
                    continue
                return
            if seconds_left() <= 0:
                raise TimeoutError("writers are held up for too long")
            time.sleep(min(left, LOOK_EVERY))


def standing_for_itself(location: str) -> Standing:
    """That of an index whose location names it and can stand for no other one."""
    return Standing(location, Look)
