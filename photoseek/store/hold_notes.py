"""What an engine cannot say of a name: until when its writers wait, and what it stood for before.

It is a small note in the engine, or else in the place where all its writers keep thumbnails.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from photoseek.errors import DamagedStoreError
from photoseek.store.notes import Notes


@dataclass(frozen=True, slots=True)
class Held:
    """Writers wait until the second `held_until`; `before` is the index of before, or "".

    `last` is the number of the newest one, which no other one gets, and `target` the index that a
    reindex fills, or "".
    """

    held_until: float = 0.0
    before: str = ""
    last: int = 1
    target: str = ""


class HoldNotes:
    """The note on one name. Every method raises `StorageError` as the place does."""

    def __init__(self, place: Notes, name: str) -> None:
        self._place = place
        self._name = f"{name}.json"

    def read(self) -> Held:
        """What is noted.

        Raises:
            DamagedStoreError: it cannot be read.
        """
        return self._held(self._place.read(self._name))

    def change(self, change: Callable[[Held], Held]) -> Held:
        """Note what is made of it, in one step; nothing that others note meanwhile is lost.

        Gives what is noted then.
        """
        now = self.read()
        if change(now) == now:
            return now
        self._place.prepare()

        def written(data: bytes | None) -> bytes:
            return json.dumps(asdict(change(self._held(data)))).encode()

        return self._held(self._place.update(self._name, written, "application/json"))

    def _held(self, data: bytes | None) -> Held:
        try:
            if data is None:
                return Held()
            told = json.loads(data)
            before, target = str(told["before"]), str(told.get("target", ""))
            return Held(float(told["held_until"]), before, int(told["last"]), target)
        except (ValueError, LookupError, TypeError):
            raise DamagedStoreError(
                f"{self._place.uri}/{self._name} cannot be read. Remove it."
            ) from None
