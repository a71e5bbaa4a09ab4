"""What an engine cannot say of a name: until when its writers wait, and what it stood for before.

It is a small file in the place where all writers of that engine keep thumbnails.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from photoseek.errors import DamagedStoreError
from photoseek.files.filestore import FileStore


@dataclass(frozen=True, slots=True)
class Held:
    """Writers wait until the second `held_until`; `before` is the index of before, or "".

    `last` is the number of the newest one, which no other one gets.
    """

    held_until: float = 0.0
    before: str = ""
    last: int = 1


class HoldNotes:
    """The note on one name. Every method raises `StorageError` as the place does."""

    def __init__(self, place: FileStore, name: str) -> None:
        self._place = place
        self._name = f"{name}.json"

    def read(self) -> Held:
        """What is noted.

        Raises:
            DamagedStoreError: it cannot be read.
        """
        data = self._place.read(self._name)
        try:
            if data is None:
                return Held()
            told = json.loads(data)
            return Held(float(told["held_until"]), str(told["before"]), int(told["last"]))
        except (ValueError, LookupError, TypeError):
            raise DamagedStoreError(
                f"{self._place.uri}/{self._name} cannot be read. Remove it."
            ) from None

    def write(self, held: Held) -> None:
        """Note it, in one step."""
        if held != self.read():
            self._place.prepare()
            told = {"held_until": held.held_until, "before": held.before, "last": held.last}
            self._place.write(self._name, json.dumps(told).encode(), "application/json")
