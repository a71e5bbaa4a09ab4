"""The indexes of an engine behind one name, each with a number: NAME-000001, NAME-000002, ..."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace

from photoseek.errors import StoreError
from photoseek.store.hold_notes import HoldNotes
from photoseek.store.naming import Generations
from photoseek.store.notes import Notes
from photoseek.store.standing import Look, Standing

_NUMBER = re.compile(r"\d{6}")


class NumberedIndexes(ABC):
    """What can stand for one name. Methods raise what the engine raises where it does not tell."""

    def __init__(self, location: str, name: str, stem: str, notes: Notes) -> None:
        """`location` says the name, and `stem` is what stands before the numbers."""
        self._location = location
        self._name = name
        self._stem = stem
        self.notes = HoldNotes(notes, name)

    @abstractmethod
    def stands_for(self) -> str:
        """The index that the name stands for; the name itself where it is that of an index."""

    @abstractmethod
    def location_of(self, index: str) -> str:
        """The location that names one of them."""

    @abstractmethod
    def hold(self, until: float, instead_of: float | None = None) -> bool:
        """Have writers wait until that second of the epoch, as `ReindexingEngine.hold` does."""

    @abstractmethod
    def look(self, index: str) -> Look:
        """Whether the name stands for that index, and until when writers wait."""

    @abstractmethod
    def lift(self, until: float) -> bool:
        """Take back that writers wait until that second, as `Standing` wants it."""

    @abstractmethod
    def switch_held(self, index: str, until: float) -> bool:
        """Let the name stand for an index, as `ReindexingEngine.switch_held` does."""

    @abstractmethod
    def fence(self, index: str) -> str:
        """The name of an index from now on, as `ReindexingEngine.fence` does."""

    @abstractmethod
    def _listed(self) -> Iterable[str]:
        """All indexes that are there, those of other names as well."""

    def current(self) -> str:
        """The index that the name stands for.

        Raises:
            StoreError: it is an index itself.
        """
        index = self.stands_for()
        if index == self._name:
            raise itself(self._location)
        return index

    def all(self) -> Generations:
        """All of them."""
        current, before, others = self.current(), self.notes.read().before, self.others()
        return Generations(
            self.location_of(current),
            tuple(map(self.location_of, others)),
            self.location_of(before) if before in others else "",
        )

    def others(self) -> list[str]:
        """Those that the name does not stand for."""
        current = self.current()
        return sorted(
            index for index in self._listed() if self._number_of(index) and index != current
        )

    def take_next(self) -> str:
        """The name of one more, which is noted so that no other one gets it."""
        last = self.notes.read().last
        number = max(last, *map(self._number_of, self._listed()), 0) + 1
        self.notes.change(lambda held: replace(held, last=number))
        return f"{self._stem}{number:06}"

    def note_before(self, index: str) -> None:
        """Note what the name stands for, before it comes to stand for another index.

        Afterwards nobody would know.
        """
        self.notes.change(lambda held: replace(held, before=index))

    def standing(self, index: str) -> Standing:
        """What is known of the name by who has opened that index."""
        if index == self._name:
            return Standing(self._location, Look)
        return Standing(self._location, lambda: self.look(index), self.lift)

    def _number_of(self, index: str) -> int:
        """The number of an index that is one of them; 0 for any other."""
        number = index.removeprefix(self._stem)
        is_one = index.startswith(self._stem) and _NUMBER.fullmatch(number)
        return int(number) if is_one else 0


def itself(location: str) -> StoreError:
    """What to raise where a name is that of an index, and no alias of one."""
    return StoreError(
        f"{location} names an index itself, and can stand for no other one. Let people use another "
        "name."
    )
