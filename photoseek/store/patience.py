"""How long an engine that is away is asked again.

Where nobody waits for an answer, as in an indexing run, it delays the run and loses nothing, since
to write a photo twice is to write it once. A person who waits is told soon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from photoseek.helpers.deadlines import is_hurried, within
from photoseek.helpers.retry import Attempts, Pauses

T = TypeVar("T")

_PAUSES = Pauses(first=0.1, longest=5.0, spread=0.5)
_NO_END = 1_000_000


@dataclass(frozen=True, slots=True)
class Patience:
    """For how many seconds an engine that is away is asked again: by somebody who waits for an
    answer, and by a run that would otherwise break off.
    """

    hurried: float = 5.0
    unhurried: float = 150.0

    @property
    def seconds(self) -> float:
        """What holds for this thread now."""
        return self.hurried if is_hurried() else self.unhurried


PATIENCE = Patience()


def insist(
    ask: Callable[[], T], passing: type[Exception], seconds: float, attempts: int = _NO_END
) -> T:
    """What `ask` gives, which is asked again for as long as it raises what may pass.

    Inside of `ask` there is a deadline: that many seconds from now, or sooner if there was one.
    """
    with within(seconds):
        counted = Attempts(attempts, _PAUSES)
        while True:
            try:
                return ask()
            except passing as error:
                counted.failed(error)
