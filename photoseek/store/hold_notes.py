"""What an engine cannot say of a name: until when its writers wait, and what it stood for before.

It is a small file in the place where all writers of that engine keep thumbnails.
"""

from __future__ import annotations

import json
from collections.abc import Callable
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
        return self._held(self._place.read(self._name))

    def change(self, change: Callable[[Held], Held]) -> None:
        """Note what is made of it, in one step; nothing that others note meanwhile is lost."""
        now = self.read()
        if change(now) == now:
            return
        self._place.prepare()

        def written(data: bytes | None) -> bytes:
            held = change(self._held(data))
            told = {"held_until": held.held_until, "before": held.before, "last": held.last}
            return json.dumps(told).encode()

        self._place.update(self._name, written, "application/json")

    def _held(self, data: bytes | None) -> Held:
        try:
            if data is None:
                return Held()
            told = json.loads(data)
            return Held(float(told["held_until"]), str(told["before"]), int(told["last"]))
        except (ValueError, LookupError, TypeError):
            raise DamagedStoreError(
                f"{self._place.uri}/{self._name} cannot be read. Remove it."
            ) from None
