"""What a download did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from photoseek.download.outcomes import is_passing


@dataclass(slots=True)
class DownloadReport:
    """What a download did, or has done so far.

    `arrived` photos were fetched and stored. `known` ones had arrived earlier, `given_up` ones
    had failed earlier for a reason that lasts, `repeated` ones stood higher up in the list.
    `failed` counts by reason what did not arrive. `received` is in bytes.
    """

    arrived: int = 0
    known: int = 0
    given_up: int = 0
    repeated: int = 0
    received: int = 0
    seconds: float = 0.0
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        """Rows of the list that are dealt with."""
        left_out = self.known + self.given_up + self.repeated
        return self.arrived + left_out + self.failed.total()

    @property
    def passing(self) -> int:
        """How many failed for a reason that may pass."""
        return sum(count for reason, count in self.failed.items() if is_passing(reason))

    @property
    def photos_per_second(self) -> float:
        """Photos that arrived, by the time that it took."""
        return self.arrived / self.seconds if self.seconds else 0.0
