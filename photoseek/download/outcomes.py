"""What a download did; why a photo did not arrive, a word for scripts and a sentence for people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from photoseek.errors import (
    DamagedPhotoError,
    NotAPhotoError,
    OversizedPhotoError,
    PhotoError,
    PrivateAddressError,
)
from photoseek.fetch.http_rules import may_pass

_PASSING = ("timeout", "unreachable", "broken_answer")
_STATUS = "http_"

_WORDS: tuple[tuple[type[PhotoError], str], ...] = (
    (PrivateAddressError, "private_address"),
    (OversizedPhotoError, "too_large"),
    (NotAPhotoError, "not_a_photo"),
    (DamagedPhotoError, "damaged"),
    (PhotoError, "unreadable"),
)


class FetchError(Exception):
    """A photo did not arrive.

    `reason` is one word, the message a sentence. `wait` is what the server asked for, in
    seconds, or None; `host` is that server where it is not the one of the photo's URL. After
    passing trouble it is worth while to try again.
    """

    def __init__(
        self, reason: str, explanation: str, wait: float | None = None, host: str = ""
    ) -> None:
        super().__init__(explanation)
        self.reason = reason
        self.wait = wait
        self.host = host

    @classmethod
    def of(cls, error: PhotoError) -> FetchError:
        """Name the reason of an error that other rooms of photoseek raise."""
        return cls(next(word for kind, word in _WORDS if isinstance(error, kind)), str(error))


def is_passing(reason: str) -> bool:
    """Whether a later try may succeed where this one failed."""
    status = reason.removeprefix(_STATUS)
    if status != reason and status.isdecimal():
        return may_pass(int(status))
    return reason in _PASSING


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
