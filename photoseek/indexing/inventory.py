"""Which photos of an index a source has listed, so that those that vanish can be told.

It is part of what runs note (`photoseek.store.run_state`). Each source has segments,
`sources/<key>/<time>-<random>.gz`: gzip over lines of JSON, the first with the source's location,
the keys of all ids and whether they are new here or joined from others, the rest `[id, uri]`. The
first is compressed by itself, so that keys are had without the rest; earlier versions wrote none. A
segment is written whole and never changed, and what a source has listed is the union of its
segments. So writers need no lock: whatever two of them do at once, no photo of the index is missing
here. One that was removed may come back, and vanishes again.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import time
import uuid
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.errors import DamagedStoreError
from photoseek.files.filestore import FileStore
from photoseek.helpers.idset import key_of, keys_of
from photoseek.store.beside import SOURCES
from photoseek.store.run_state import run_state

Keys = NDArray[np.uint64]

_SOURCES = f"{SOURCES}/"
_MOST_SEGMENTS = 16
_MOST_WITHOUT_KEYS = 10_000
_ATTEMPTS = 20
_NOTED = "<u8"

_quoted = json.encoder.encode_basestring_ascii


@dataclass(frozen=True, slots=True)
class Listed:
    """A photo that a source has listed."""

    id: str
    uri: str


class Inventory:
    """What one source has listed. Several processes may use it at once.

    Every method raises `StorageError` when the place cannot be used, and `DamagedStoreError`
    when what lies there cannot be read.
    """

    def __init__(self, place: FileStore, source: str, folder: str = SOURCES) -> None:
        """`place` is where runs note what they must know; `source` is a location.

        It must be prepared before anything is added. The segments lie in `folder`.
        """
        self._place = place
        self._source = source
        self._prefix = f"{folder}/{key_of(source):016x}/"
        self._segments: list[str] | None = None
        self._keys: Keys = np.empty(0, np.uint64)
        self._added = array("Q")
        self._without_keys = 0

    def keys(self) -> Keys:
        """The keys of all ids, ascending; read again only when others wrote.

        Of two ids that share a key, the one that vanishes stays in the index for as long as the
        other is listed.
        """
        if self._segments != (names := self._names()):
            parts = [self._keys_in(name, data) for name, data in self._all()]
            self._keys = np.unique(np.concatenate([self._keys[:0], *parts]))
            self._segments = names
        elif self._added:
            self._keys = np.union1d(self._keys, np.array(self._added, np.uint64))
        self._added = array("Q")
        return self._keys

    def segments(self) -> frozenset[str]:
        """The names of all that is noted by now, for `added_since`."""
        return frozenset(self._names())

    def added_since(self, segments: Set[str]) -> Keys:
        """The keys of what was added since these were all, as far as nobody has joined it yet."""

        def new() -> list[str]:
            return [name for name in self._names() if name not in segments]

        added = [each for each in self._all(new) if self._header(*each).get("added")]
        return np.unique(np.concatenate([self._keys[:0], *(self._keys_in(*a) for a in added)]))

    def listed(self) -> Iterator[Listed]:
        """Every photo at least once."""
        for name, data in self._all():
            yield from self._read(name, data)

    def listed_elsewhere(self, ids: Set[str]) -> dict[str, str]:
        """Those of the ids that other sources list as well, with the location of one of them."""
        found: dict[str, str] = {}
        for name, data in self._all(self._names_elsewhere) if ids else ():
            shared = [listed.id for listed in self._read(name, data) if listed.id in ids]
            found.update(dict.fromkeys(shared, self._header(name, data)["source"]))
        return found

    def add(self, photos: Iterable[Listed]) -> None:
        """Note photos; they are stored when this returns."""
        new = list(photos)
        name = self._write(new, added=True)
        self._added.extend(key_of(listed.id) for listed in new)
        if self._segments is not None:
            self._segments = sorted([*self._segments, name])

    def remove(self, ids: Set[str]) -> None:
        """Forget that the source has listed these photos."""
        self._join(ids)

    def tidy(self) -> None:
        """Join the segments when they have become many, or a version before wrote large ones."""
        if len(self._names()) > _MOST_SEGMENTS or self._without_keys > _MOST_WITHOUT_KEYS:
            self._join(frozenset())
            self._without_keys = 0

    def _join(self, without: Set[str]) -> None:
        names = self._names()
        self._write(self._once(names, without), added=False)
        self._place.remove(names)

    def _once(self, names: Iterable[str], without: Set[str]) -> Iterator[Listed]:
        passed: set[int] = set()
        for name in names:
            data = self._place.read(name)
            # None: somebody else has joined it, and what was in it is in a newer segment.
            for listed in () if data is None else self._read(name, data):
                number = key_of(listed.id)
                if number not in passed and listed.id not in without:
                    passed.add(number)
                    yield listed

    def _all(self, names: Callable[[], list[str]] | None = None) -> Iterator[tuple[str, bytes]]:
        """The names and bytes of all segments, or of what `names` lists, each at least once."""
        for _ in range(_ATTEMPTS):
            for name in (names or self._names)():
                data = self._place.read(name)
                if data is None:
                    break  # joined by somebody else: look where it went
                yield name, data
            else:
                return
        raise DamagedStoreError(f"{self._place.uri}/{self._prefix} changes while it is read.")

    def _names(self) -> list[str]:
        return [entry.name for entry in self._place.entries(self._prefix)]

    def _names_elsewhere(self) -> list[str]:
        names = (entry.name for entry in self._place.entries(_SOURCES))
        return [name for name in names if not name.startswith(self._prefix)]

    def _write(self, photos: Iterable[Listed], *, added: bool) -> str:
        data, keys = io.BytesIO(), array("Q")
        with gzip.GzipFile(fileobj=data, mode="wb", compresslevel=1, mtime=0) as segment:
            for listed in photos:
                keys.append(key_of(listed.id))
                segment.write(f"[{_quoted(listed.id)}, {_quoted(listed.uri)}]\n".encode())
        noted = base64.b64encode(np.array(keys, _NOTED).tobytes()).decode()
        first = {"source": self._source, "keys": noted, "added": added}
        header = json.dumps(first).encode() + b"\n"
        name = f"{self._prefix}{time.time_ns():020}-{uuid.uuid4().hex}.gz"
        whole = gzip.compress(header, 1, mtime=0) + data.getvalue()
        self._place.write(name, whole, "application/gzip")
        return name

    def _keys_in(self, name: str, data: bytes) -> Keys:
        """The keys of the ids in a segment, whoever wrote it."""
        noted = self._header(name, data).get("keys")
        if noted is None:
            keys = keys_of(listed.id for listed in self._read(name, data))
            self._without_keys += len(keys)
            return keys
        try:
            return np.frombuffer(base64.b64decode(noted), _NOTED).astype(np.uint64)
        except _DAMAGE as error:
            raise self._damaged(name) from error

    def _read(self, name: str, data: bytes) -> Iterator[Listed]:
        try:
            with gzip.open(io.BytesIO(data), "rt", encoding="ascii") as lines:
                next(lines)
                for line in lines:
                    yield Listed(*json.loads(line))
        except _DAMAGE as error:
            raise self._damaged(name) from error

    def _header(self, name: str, data: bytes) -> dict[str, Any]:
        try:
            with gzip.open(io.BytesIO(data)) as lines:
                header = json.loads(lines.readline())
                return {"source": header["source"], **header}
        except _DAMAGE as error:
            raise self._damaged(name) from error

    def _damaged(self, name: str) -> DamagedStoreError:
        return DamagedStoreError(
            f"{self._place.uri}/{name} is damaged. Remove it: what its source still lists is "
            "noted again by the next run."
        )


def listed_sources(place: FileStore) -> frozenset[str]:
    """The locations of all sources that are noted at a place, as far as that can be read.

    Raises:
        StorageError: the place cannot be used.
    """
    found = set[str]()
    passed = set[str]()
    for name in [entry.name for entry in place.entries(_SOURCES)]:
        folder = name.rpartition("/")[0]
        if folder in passed or (data := place.read(name)) is None:
            continue
        with suppress(DamagedStoreError):
            found.add(str(Inventory(place, "")._header(name, data)["source"]))
            passed.add(folder)
    return frozenset(found)


_DAMAGE = (OSError, EOFError, zlib.error, StopIteration, ValueError, LookupError, TypeError)


def open_inventory(index: str, source: str, state: str | None = None) -> Inventory:
    """What a source has listed into an index, both by location; `state` as `run_state` takes it.

    Raises:
        StorageError: nothing can be written.
    """
    place = run_state(index, state)
    place.prepare()
    return Inventory(place, source)
