"""What people say of hits: "good hit" and "wrong", kept beside the index.

It is part of what is noted of an index (`photoseek.store.run_state`). A click is a file of its own,
`clicks/<time>-<random>-<count>.jsonl`, written whole or not at all. So no click is lost or half
there, several gateways need no lock, and a bucket, to which nothing can be appended, does as well
as a folder. When there are many files, one with the clicks of all of them takes their place, and is
written before they go: whoever dies between has clicks twice, which are told by their ids. Of
several for one query and photo only the newest is taken along, so that nobody who presses one
button again and again takes the room of others.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from photoseek.errors import DamagedStoreError, StoreWriteError
from photoseek.files.filestore import FileStore
from photoseek.helpers.deadlines import held
from photoseek.store.beside import CLICKS
from photoseek.store.failures import reading, writing
from photoseek.store.run_state import run_state

MOST = 100_000
"""Clicks that are kept; with queries of 40 letters they are 20 MB."""

LONGEST_QUERY = 1_000
"""Characters of a query that a click keeps."""

_MOST_FILES = 100
_LEVELS = (2, 10_000)
"""Files with fewer clicks than this are joined; each click so moves twice, and not each time."""

_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Click:
    """That a photo is a good hit for a query, or a wrong one.

    `at` is when, in seconds since 1970, and `id` tells it from every other click.
    """

    query: str
    photo: str
    good: bool
    at: float
    id: str

    @classmethod
    def now(cls, query: str, photo: str, *, good: bool) -> Click:
        """A click of this moment."""
        return cls(query, photo, good, time.time(), uuid.uuid4().hex)


class Clicks:
    """The clicks of an index. May be used by many threads, and by several gateways at once.

    Methods raise `StoreError` (and below) as those of the index itself do.
    """

    def __init__(self, index: str, state: str | None = None, *, most: int = MOST) -> None:
        """`index` is a location, `state` as `run_state` takes it; nothing is touched yet."""
        self._index = index
        self._state = state
        self._most = most
        self._turn = threading.Lock()

    def add(self, click: Click) -> None:
        """Keep a click; it is stored when this returns.

        Raises:
            StoreWriteError: as many are kept as may be.
        """
        with writing(self._index), held(self._turn):
            place = self._place()
            names = self._names(place)
            if sum(map(_count, names)) >= self._most:
                raise StoreWriteError(
                    f"{self._most:,} clicks are kept, and no more fit. Write them to a file by "
                    "`photoseek clicks --to clicks.csv`, and remove them by `photoseek clicks "
                    "--forget`."
                )
            self._write(place, [click])
            self._tidy(place, names)

    def all(self) -> list[Click]:
        """Every click that is kept once, the oldest first."""
        with reading(self._index):
            found = {click.id: click for click in self._read()}
        return sorted(found.values(), key=_age)

    def opinions(self) -> list[Click]:
        """For each query and photo the newest click: who clicks again thinks otherwise now."""
        return _newest(self.all())

    def forget(self) -> int:
        """Remove all clicks; gives how many there were."""
        with writing(self._index), held(self._turn):
            place = self._place()
            names = self._names(place)
            place.remove(names)
            place.remove(self._names(place))  # what another gateway has just joined of them
            return sum(map(_count, names))

    def _read(self) -> Iterator[Click]:
        place = self._place()
        for _ in range(_ATTEMPTS):
            parts = [(name, place.read(name)) for name in self._names(place)]
            if all(data is not None for _, data in parts):  # else one was joined: look where it is
                for name, data in parts:
                    yield from _clicks(place, name, data or b"")
                return
        raise DamagedStoreError(f"{place.uri}/{CLICKS} changes while it is read; try again.")

    def _tidy(self, place: FileStore, names: Sequence[str]) -> None:
        for below in _LEVELS:
            small = [name for name in names if _count(name) < below]
            if len(small) > _MOST_FILES:
                self._join(place, small)
                return

    def _join(self, place: FileStore, names: Sequence[str]) -> None:
        found: dict[str, Click] = {}
        for name in names:
            data = place.read(name)
            if data is None:
                return  # another gateway joins them just now
            found |= {click.id: click for click in _clicks(place, name, data)}
        joined = self._write(place, _newest(found.values()))
        # Where one is gone, somebody has forgotten it, or joined it to another file, meanwhile.
        is_whole = set(names) <= set(self._names(place))
        place.remove(names if is_whole else [joined])

    def _write(self, place: FileStore, clicks: Iterable[Click]) -> str:
        """Write a file; gives its name."""
        lines = [json.dumps(asdict(click)).encode() for click in clicks]
        name = f"{CLICKS}/{time.time_ns():020}-{uuid.uuid4().hex}-{len(lines)}.jsonl"
        place.write(name, b"\n".join(lines) + b"\n", "application/jsonl")
        return name

    def _names(self, place: FileStore) -> list[str]:
        return [entry.name for entry in place.entries(f"{CLICKS}/") if _count(entry.name)]

    def _place(self) -> FileStore:
        place = run_state(self._index, self._state)
        place.prepare()
        return place


def _age(click: Click) -> tuple[float, str]:
    return click.at, click.id


def _newest(clicks: Iterable[Click]) -> list[Click]:
    """Of clicks for one query and photo the newest."""
    return list({(one.query, one.photo): one for one in sorted(clicks, key=_age)}.values())


def _count(name: str) -> int:
    """How many clicks are in a file; 0 where it is none of ours."""
    count = name.removesuffix(".jsonl").rpartition("-")[2]
    return int(count) if name.endswith(".jsonl") and count.isdecimal() else 0


def _clicks(place: FileStore, name: str, data: bytes) -> Iterator[Click]:
    try:
        for line in data.splitlines():
            yield Click(**json.loads(line))
    except (ValueError, TypeError) as error:
        raise DamagedStoreError(
            f"{place.uri}/{name} is damaged ({error}). Remove it: its clicks are lost."
        ) from error
