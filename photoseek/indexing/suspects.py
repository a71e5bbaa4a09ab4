"""Photos at which the encoder's process died: found, named, and left out from then on.

A decoder that crashes, or takes so much memory that the system kills it, takes its whole process
along, and with it the requests that were under way. So a run notes what is under way, in a file on
its own machine. What such a note still holds when a run begins was under way when an encoder, or
the run itself, was killed: it is sent one at a time with nothing beside it. The photo at which the
encoder dies again is written down with the other notes on the index, with its version, and left
out as long as it has that version. The others are indexed as usual.
"""

from __future__ import annotations

import fcntl
import json
import os
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from photoseek.files.filestore import FileStore, FolderFiles
from photoseek.helpers.idset import key_of
from photoseek.records import Photo
from photoseek.store.base import CRASHES, UNDERWAY
from photoseek.store.run_state import run_state


class Suspects:
    """What is under way, what was when something died, and what is left out of one index.

    Several runs may work on one index: each has a note of its own and holds a lock on it, so that
    only notes of runs that have ended are taken over. For one thread.
    """

    def __init__(self, place: FileStore, notes: Path) -> None:
        """`place` is where runs note what they must know; `notes` is a folder of this machine."""
        self._place = place
        self._notes = notes
        self._underway: dict[int, str] = {}
        self._alone: dict[int, str] = {}
        self._crashed: set[int] | None = None
        self._descriptor: int | None = None

    def begin(self) -> None:
        """At the start of a run: take over what ended runs have left.

        Raises StorageError where the index's place cannot be read.
        """
        names = (entry.name for entry in self._place.entries(f"{CRASHES}/"))
        self._crashed = {int(name.split("/")[1][:16], 16) for name in names}
        self._alone |= self._underway
        self._underway = {}
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
            "The encoder's process died at this photo, twice. It is left out until the photo "
            f"changes, or {self._place.uri}/{_name(photo)} is removed."
        )

    def has_waiting(self) -> bool:
        """Whether there are photos under suspicion, which another run would look into."""
        return bool(self._alone or self._underway)

    def is_suspect(self, photo: Photo) -> bool:
        """Whether it has to be sent alone."""
        return _key(photo) in self._alone

    def sending(self, photos: Sequence[Photo]) -> None:
        """Note photos before they are sent."""
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

        Raises StorageError where that cannot be written.
        """
        record = {"id": photo.id, "uri": photo.uri, "version": photo.version}
        self._place.write(_name(photo), json.dumps(record).encode(), "application/json")
        self.done([photo])

    def end(self) -> None:
        """At the end of a run that has dealt with everything."""
        self._alone = {}
        if self._descriptor is not None and not self._underway:
            with suppress(OSError):
                os.ftruncate(self._descriptor, 0)

    def close(self) -> None:
        """Let go of the note; it goes with the last of what it held."""
        if self._descriptor is None:
            return
        if not self.has_waiting():
            self._path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None

    def _take_over(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with open(descriptor, "rb", closefd=False) as file:
                left = json.loads(file.read() or b"{}")
            self._alone |= {int(key, 16): str(uri) for key, uri in left.items()}
            self._write()  # it is in this note before it is gone from that one
            path.unlink(missing_ok=True)
        except BlockingIOError:
            pass  # its run goes on
        except (ValueError, AttributeError):
            path.unlink(missing_ok=True)  # half written, when the machine itself went down
        finally:
            os.close(descriptor)

    def _write(self) -> None:
        """In place, so that the lock stays; no fsync, as it is for processes that die."""
        with suppress(OSError):
            if self._descriptor is None:
                if not self.has_waiting():
                    return
                self._path = self._notes / f"{uuid.uuid4().hex}.json"
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                self._descriptor = os.open(self._path, flags, 0o600)
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            noted = self._alone | self._underway
            data = json.dumps({f"{key:016x}": uri for key, uri in noted.items()}).encode()
            os.pwrite(self._descriptor, data, 0)
            os.ftruncate(self._descriptor, len(data))


def open_suspects(index: str, state: str | None = None) -> Suspects:
    """The suspects of an index by its location; `state` as `run_state` takes it.

    What is under way is noted beside the rest where that is a folder, else in the user's state
    folder. Raises StorageError where a location makes no sense.
    """
    place = run_state(index, state)
    place.prepare()
    if isinstance(place, FolderFiles):
        return Suspects(place, Path(place.uri) / UNDERWAY)
    home = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state")
    with suppress(RuntimeError):  # nobody's home
        home = home.expanduser()
    return Suspects(place, home / "photoseek" / UNDERWAY / f"{key_of(place.uri):016x}")


def _key(photo: Photo) -> int:
    return key_of(json.dumps([photo.id, photo.uri, photo.version]))


def _name(photo: Photo) -> str:
    return f"{CRASHES}/{_key(photo):016x}.json"
