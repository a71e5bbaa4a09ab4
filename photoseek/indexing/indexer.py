"""Where the photos of a run are sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from photoseek.records import Keep, KnownPhoto, Outcome, Photo

LOOK_UP = 1_000
"""Photos whose state is asked for at once."""


class Indexer(Protocol):
    """Where photos are sent: `photoseek.PhotoSearch`, `photoseek.Client`."""

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos, and which were deleted on purpose."""

    def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        """Index one batch in one commit."""

    def maintain(self) -> None:
        """Tidy up after a long run of changes."""
