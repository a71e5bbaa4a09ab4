"""Photos at which a process died that worked on them: found, named, and left out from then on.

A decoder that crashes, or takes so much memory that the system kills it, takes its whole process
along, and with it the requests that were under way. So a run notes what is under way, in a file on
its own machine. What such a note still holds when a run begins was under way when an encoder, or
the run itself, was killed: it is sent one at a time with nothing beside it. The photo at which the
encoder dies again is written down with the other notes on the index, with its version, and left
out as long as it has that version. The others are indexed as usual.

Where the encoder is a process of its own, the run notices that it died, and writes that down. A run
that encodes in its own process dies with it: then the next run writes it down, once the process
that started both has told it. A run that reads the text in pictures is of that kind, and has notes
of its own: a picture that it dies of may be encoded, and the other way round.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from photoseek.errors import StorageError
from photoseek.files.filestore import FileStore, FolderFiles
from photoseek.files.memory_files import MemoryFiles
from photoseek.helpers.idset import key_of
from photoseek.helpers.locks import FileLock, lock_for
from photoseek.helpers.path_rules import extended
from photoseek.helpers.user_folders import state_folder
from photoseek.records import Photo
from photoseek.store.beside import (
    CRASHES,
    REINDEX_CRASHES,
    REINDEX_UNDERWAY,
    TEXT_CRASHES,
    TEXT_UNDERWAY,
    UNDERWAY,
)
from photoseek.store.run_state import run_state

_PRIVATE = 0o600
_LONGEST_NAME = 60

_Sent = Mapping[str, str | int]
"""A photo that is alone under way, and the process that is at it."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A kind of work that a photo may kill: the folders of its notes, and who dies, in words."""

    crashes: str
    underway: str
    who: str


ENCODING = Guarded(CRASHES, UNDERWAY, "The encoder's process")
READING = Guarded(TEXT_CRASHES, TEXT_UNDERWAY, "The process that reads text")
REINDEXING = Guarded(REINDEX_CRASHES, REINDEX_UNDERWAY, "The process that reindexes")
TUNING = Guarded(CRASHES, UNDERWAY, "The process that tunes")


class Suspects:
    """What is under way, what was when something died, and what is left out of one index.

    Several runs may work on one index: each has a note of its own and holds a lock on it, so that
    only notes of runs that have ended are taken over. For one thread.
    """

    def __init__(
        self,
        place: FileStore,
        notes: Path | None,
        *,
        work: Guarded = ENCODING,
        died: int | None = None,
        on_found: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`place` is where runs note what they must know of that `work`; `notes` is a folder of
        this machine, or None where nothing is to be noted of what is under way, and nothing taken
        over.

        `died` is the id of a process that was killed at work on this index, and `on_found` hears
        the URI of the photo that it died of, where that was alone.
        """
        self._place = place
        self._notes = notes
        self._work = work
        self._died = died
        self._on_found = on_found
        self._underway: dict[int, str | _Sent] = {}
        self._alone: dict[int, str] = {}
        self._crashed: set[int] | None = None
        self._note: FileIO | None = None

    def begin(self) -> None:
        """At the start of a run: take over what ended runs have left.

        Raises:
            StorageError: the index's place cannot be read.
        """
        names = (entry.name for entry in self._place.entries(f"{self._work.crashes}/"))
        self._crashed = {int(name.split("/")[1][:16], 16) for name in names}
        for key, sent in self._underway.items():
            self._alone[key] = sent if isinstance(sent, str) else str(sent["uri"])
        self._underway = {}
        if self._notes is None:
            self._alone = {}
            return
        with suppress(OSError):  # a machine whose disk is read-only takes no notes
            self._notes.mkdir(parents=True, exist_ok=True)
            for path in self._notes.glob("*.json"):
                self._take_over(path)
            self._write()

    def why_left_out(self, photo: Photo) -> str:
        """Why a photo is left out, or ""."""
        if not self._crashed or _key(photo) not in self._crashed:
            return ""
        return (
            f"{self._work.who} died at this photo, twice. It is left out until the photo changes, "
            f"or {self._place.uri}/{self._file(_key(photo))} is removed."
        )

    def has_waiting(self) -> bool:
        """Whether there are photos under suspicion, which another run would look into."""
        return bool(self._alone or self._underway)

    def is_suspect(self, photo: Photo) -> bool:
        """Whether it has to be sent alone."""
        return _key(photo) in self._alone

    def sending(self, photos: Sequence[Photo]) -> None:
        """Note photos before they are sent."""
        if len(photos) == 1 and self.is_suspect(photos[0]):
            [photo] = photos
            sent = {"id": photo.id, "uri": photo.uri, "version": photo.version}
            self._underway[_key(photo)] = sent | {"process": os.getpid()}
        else:
            self._underway |= {_key(photo): photo.uri for photo in photos}
        self._write()

    def done(self, photos: Iterable[Photo]) -> None:
        """Forget photos that were dealt with."""
        for photo in photos:
            self._underway.pop(_key(photo), None)
            self._alone.pop(_key(photo), None)
        self._write()

    def accuse(self, photo: Photo) -> None:
        """Write down that the encoder died at this photo alone.

        Raises:
            StorageError: that cannot be written.
        """
        self._accuse(_key(photo), photo.id, photo.uri, photo.version)
        self.done([photo])

    def end(self) -> None:
        """At the end of a run that has dealt with everything."""
        self._alone = {}
        if self._note is not None and not self._underway:
            with suppress(OSError):
                self._note.truncate(0)

    def close(self) -> None:
        """Let go of the note; it goes with the last of what it held."""
        if self._note is None:
            return
        self._note.close()  # Windows removes no file that is open
        if not self.has_waiting():
            self._path.unlink(missing_ok=True)
        self._lock.release()
        self._note = None

    def _accuse(self, key: int, photo_id: str, uri: str, version: str) -> None:
        record = {"id": photo_id, "uri": uri, "version": version}
        self._place.write(self._file(key), json.dumps(record).encode(), "application/json")

    def _file(self, key: int) -> str:
        return f"{self._work.crashes}/{key:016x}.json"

    def _take_over(self, path: Path) -> None:
        lock = FileLock(lock_for(path), _PRIVATE)
        if not lock.acquire(wait=False):
            return  # its run goes on
        try:
            for key, sent in json.loads(path.read_bytes() or b"{}").items():
                self._suspect(int(key, 16), sent)
            self._write()  # it is in this note before it is gone from that one
            path.unlink(missing_ok=True)
        except (ValueError, AttributeError, LookupError, TypeError):
            path.unlink(missing_ok=True)  # half written, when the machine itself went down
        finally:
            lock.release()

    def _suspect(self, key: int, sent: str | _Sent) -> None:
        """Look into a photo that was under way, or leave it out where that has been done."""
        if isinstance(sent, str):
            self._alone[key] = sent
        elif sent["process"] != self._died:
            self._alone[key] = str(sent["uri"])
        else:
            self._accuse(key, str(sent["id"]), str(sent["uri"]), str(sent["version"]))
            self._crashed = {*(self._crashed or ()), key}
            self._on_found(str(sent["uri"]))

    def _write(self) -> None:
        """In place, so that the lock stays; no fsync, as it is for processes that die."""
        if self._notes is None:
            return
        with suppress(OSError):
            if self._note is None:
                if not self.has_waiting():
                    return
                self._path = self._notes / f"{uuid.uuid4().hex}.json"
                self._lock = FileLock(lock_for(self._path), _PRIVATE)
                self._lock.acquire(wait=False)  # it is there, and locked, before it holds anything
                self._note = FileIO(self._path, "wb", opener=_private)
            noted = self._alone | self._underway
            data = json.dumps({f"{key:016x}": uri for key, uri in noted.items()}).encode()
            self._note.seek(0)
            self._note.write(data)
            self._note.truncate(len(data))


def open_suspects(
    index: str,
    state: str | None = None,
    *,
    work: Guarded = ENCODING,
    died: int | None = None,
    on_found: Callable[[str], None] = lambda _: None,
) -> Suspects:
    """The suspects of an index by its location; `state` as `run_state` takes it.

    What is under way is noted beside the rest where that is a folder, else in the user's state
    folder. `work`, `died` and `on_found` are as in `Suspects`.

    Raises:
        StorageError: a location makes no sense.
    """
    place = run_state(index, state)
    place.prepare()
    if isinstance(place, FolderFiles):
        notes = Path(extended(place.uri, room=_LONGEST_NAME)) / work.underway
    else:
        notes = state_folder() / work.underway / f"{key_of(place.uri):016x}"
    return Suspects(place, notes, work=work, died=died, on_found=on_found)


def open_own_suspects(
    *, work: Guarded, died: int | None, on_found: Callable[[str], None]
) -> Suspects:
    """The suspects of work that belongs to no index, noted in the user's state folder.

    Where that can hold nothing, nothing is noted. The rest is as in `Suspects`.
    """
    place = FolderFiles(state_folder().absolute() / "tuning")
    try:
        place.prepare()
    except StorageError:
        return Suspects(MemoryFiles("memory"), None)
    notes = Path(extended(place.uri, room=_LONGEST_NAME)) / work.underway
    return Suspects(place, notes, work=work, died=died, on_found=on_found)


def left_out_of(index: str, state: str | None = None) -> Suspects:
    """What is left out of an index, for a run whose encoders are on other machines.

    Where such a run is killed, no photo is to blame, and nothing is looked into.

    Raises:
        StorageError: a location makes no sense.
    """
    place = run_state(index, state)
    place.prepare()
    return Suspects(place, None)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, _PRIVATE)


def _key(photo: Photo) -> int:
    return key_of(json.dumps([photo.id, photo.uri, photo.version]))
