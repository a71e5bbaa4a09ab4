"""Why a photo did not arrive: for scripts a word, for people a sentence."""

from __future__ import annotations

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
    """Tell whether a later try may succeed where this one failed."""
    status = reason.removeprefix(_STATUS)
    if status != reason and status.isdecimal():
        return may_pass(int(status))
    return reason in _PASSING
