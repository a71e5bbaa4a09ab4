"""Searches of several threads that LanceDB makes as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from photoseek.helpers.deadlines import is_hurried, seconds_left
from photoseek.helpers.machine import processors
from photoseek.records import Vector

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST = 8
"""Searches that are made as one at most: with more, one takes hardly less."""

_NUMBER = "query_index"
"""The column by which LanceDB tells the rows of one query vector from those of another."""


class Look(NamedTuple):
    """What is asked of LanceDB about a query vector; for 0 `probes` all photos are compared.

    `refine` times the limit are ranked again by their vectors; for 0 the codes alone decide. The
    predicate is applied to those that are found where it comes `afterwards`.
    """

    columns: tuple[str, ...]
    limit: int
    probes: int
    refine: int = 0
    predicate: str | None = None
    afterwards: bool = False
    offset: int = 0


Find: TypeAlias = "Callable[[Look, Sequence[Vector]], pa.Table]"
"""Gives the rows for query vectors, nearest first; of several with the number of each."""


@dataclass(slots=True, eq=False)
class _Call:
    """One search. It is told when it has `others` to search for with itself, or its rows, or
    neither: then it is made by itself.
    """

    look: Look
    query: Vector
    told: Event = field(default_factory=Event)
    others: list[_Call] | None = None
    rows: pa.Table | None = None


def looking_into(table: Any) -> Find:
    """What looks into a table for query vectors, of which LanceDB numbers several."""

    def find(look: Look, queries: Sequence[Vector]) -> pa.Table:
        from photoseek.compat.lance import found, vector_search

        search = vector_search(table, queries if len(queries) > 1 else queries[0])
        search = search.column("vector").distance_type("cosine")
        search = search.select([*look.columns, "_distance"]).limit(look.limit)
        search = search.nprobes(look.probes) if look.probes else search.bypass_vector_index()
        if look.refine:
            search = search.refine_factor(look.refine)
        if look.predicate:
            search = search.where(look.predicate)
        if look.afterwards:
            search = search.postfilter()
        return found(search.offset(look.offset) if look.offset else search)

    return find


class JointSearches:
    """Looks into a table for everyone who asks.

    Of those that ask the same, about whatever vectors, half as many look at once as there are
    processors. Whoever comes meanwhile waits, and the first of those that wait then looks for all
    of them. LanceDB plans that once, and the answers are those that each would have got.
    """

    def __init__(self, find: Find, at_once: int | None = None) -> None:
        """`at_once` of them look at the same time; None for one to every two processors."""
        self._find = find
        self._at_once = at_once or max(1, processors() // 2)
        self._running: Counter[Look] = Counter()
        self._waiting: list[_Call] = []
        self._lock = Lock()

    def __call__(self, look: Look, query: Vector) -> pa.Table:
        """The rows for a query vector, nearest first."""
        call = _Call(look, query)
        with self._lock:
            if self._running[look] < self._at_once:
                self._running[look] += 1
                call.others = []
            else:
                self._waiting.append(call)
        if call.others is None:
            self._wait(call)
        if call.others is not None:
            try:
                return self._look_for(call, call.others)
            finally:
                self._hand_on(call)
        return self.alone(look, query) if call.rows is None else call.rows

    @property
    def waiting(self) -> int:
        """How many searches wait for others to end."""
        return len(self._waiting)

    def alone(self, look: Look, query: Vector) -> pa.Table:
        """The same at once and by itself."""
        return self._find(look, [query])

    def _wait(self, call: _Call) -> None:
        try:
            if not call.told.wait(max(0.0, seconds_left()) if is_hurried() else None):
                raise TimeoutError
        except BaseException:
            with self._lock:
                if call in self._waiting:
                    self._waiting.remove(call)
            if call.others is not None:  # it was told just now
                self._hand_on(call)
            raise

    def _look_for(self, call: _Call, others: Sequence[_Call]) -> pa.Table:
        """The rows of one, having given the others theirs. Where that fails, each asks alone."""
        if others:
            calls = [call, *others]
            with suppress(Exception):  # whose it is, each finds out
                rows = self._find(call.look, [each.query for each in calls])
                numbers = rows[_NUMBER].to_numpy()
                rows = rows.drop_columns([_NUMBER])
                for number, each in enumerate(calls):
                    each.rows = rows.take(np.flatnonzero(numbers == number))
        return self.alone(call.look, call.query) if call.rows is None else call.rows

    def _hand_on(self, call: _Call) -> None:
        """Tell those that it has searched for, and let those that wait with the same look begin."""
        with self._lock:
            alike = [each for each in self._waiting if each.look == call.look][:LARGEST]
            if alike:
                first, *others = alike
                self._waiting = [each for each in self._waiting if each not in alike]
                first.others = others
                first.told.set()
            else:
                self._running[call.look] -= 1
                self._running += Counter()  # keeps those alone of which one runs
        for each in call.others or ():
            each.told.set()
