"""When a run that goes on has its index put in order, so that searches stay quick beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable

LEAST = 40
"""Commits, which deletions are as well, between two rounds of upkeep at least. Each leaves a small
file, and a search takes some 0.13 ms longer for it; with fewer of them a store finds nothing to do.
"""

MOST = 256
"""Commits between two rounds at most, however many photos there are."""

PHOTOS = 512
"""Photos of the index for each commit between two rounds: upkeep takes longer the more there are,
and so it stays a hundredth of what a run takes."""


class UpkeepTimes:
    """Counts the commits to one index. Safe in threads."""

    def __init__(self) -> None:
        self._counting = threading.Lock()
        self._commits = 0  # since the last round

    def committed(self, photos: Callable[[], int]) -> bool:
        """Note a commit, and say whether upkeep pays now, after which counting begins with 0.

        `photos` says how many the index has, and is asked once in `LEAST` commits.
        """
        with self._counting:
            self._commits += 1
            commits = self._commits
            if commits < MOST and commits % LEAST:
                return False
        if commits < MOST and photos() > commits * PHOTOS:
            return False
        with self._counting:
            self._commits = 0
        return True
