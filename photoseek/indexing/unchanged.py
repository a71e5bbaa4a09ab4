"""Photos of which nothing needs to be done, told by what is read of an index at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from photoseek.helpers.fingerprints import Fingerprints
from photoseek.records import Keep, Photo

ROWS_FOR_ONE = 100
"""Photos of an index whose fingerprints are read together in the time of asking for one by its id:
13 microseconds."""

MANY = 1_000
"""Photos of a source from which on it is tried: to ask for fewer by their ids takes no time."""


@runtime_checkable
class TellsFingerprints(Protocol):
    """An index in this process or behind a gateway."""

    def fingerprints(self, most: int, keep: Keep | None = None) -> Fingerprints | None:
        """Those of all photos, or of those of which so much is kept.

        None for more than `most`, and where photos are better asked for by their ids.
        """


class Unchanged:
    """What an index holds, read once a source has listed a good part of what is in it.

    What others change in the index afterwards is seen by the next run. Whatever is not told here is
    to be asked of the index itself.
    """

    def __init__(self, index: object, keep: Keep | None) -> None:
        """Where `keep` is None, it does not matter what is kept of a photo."""
        self._index = index if isinstance(index, TellsFingerprints) else None
        self._keep = keep
        self._listed = 0
        self._try_at = MANY
        self._stored: Fingerprints | None = None

    def others(self, photos: Sequence[Photo]) -> list[Photo]:
        """Those of the photos of which something may have to be done."""
        self._listed += len(photos)
        if self._stored is None and self._index is not None and self._listed >= self._try_at:
            self._stored = self._index.fingerprints(ROWS_FOR_ONE * self._listed, self._keep)
            self._try_at = 2 * self._listed
        if self._stored is None:
            return list(photos)
        found = self._stored.among([photo.fingerprint for photo in photos])
        return [photo for photo, is_there in zip(photos, found, strict=True) if not is_there]
