"""One reindex at a time of one index, on whatever machines."""

from __future__ import annotations

import json
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from photoseek.errors import StorageError, StoreError
from photoseek.helpers.idset import key_of
from photoseek.helpers.locks import FileLock
from photoseek.helpers.user_folders import state_folder
from photoseek.settings import EngineSettings
from photoseek.store import canonical
from photoseek.store.beside import REINDEXED
from photoseek.store.failures import is_full, writing
from photoseek.store.notes import Notes
from photoseek.store.switching import reindexing_engine

CLAIM = f"{REINDEXED}/claim.json"
"""The note that says which machine makes an index again."""

RENEWED_EVERY = 10.0
FORGOTTEN_AFTER = 60.0
"""Seconds. A machine that has not renewed its claim for so long is thought to be down."""


class Claim:
    """That this process makes an index again, as others see it."""

    def __init__(self, location: str, place: Notes, lock: str) -> None:
        """`lock` tells the locks of this machine from those of others that are called as it is."""
        self._location = location
        self._place = place
        self._about = {"host": socket.gethostname(), "lock": lock, "run": uuid.uuid4().hex}
        self._renewed: tuple[float, float] | None = None

    def renew(self, *, at_once: bool = False) -> None:
        """Tell other machines that it goes on; cheap, so that it may be called often.

        To be called before each change: once a machine has slept, another one may have taken the
        work over, and be done with it.

        Raises:
            StoreError: another one has.
            StorageError: the place cannot be used.
        """
        if not at_once and self._renewed is not None and _since(self._renewed) < RENEWED_EVERY:
            return
        now = _now()

        def noted(data: bytes | None) -> bytes:
            if self._renewed is not None and _told(data).get("run") != self._about["run"]:
                raise StoreError(
                    f"Somebody else has taken over the reindex of {self._location}, since nothing "
                    "was heard of this one for a minute: its machine slept, or it was stopped. "
                    "Nothing more is changed here; photoseek status says which model the index "
                    "has now."
                )
            if self._renewed is None and (other := self._other_machine(_told(data))):
                raise _taken(self._location, f"on {other}")
            return json.dumps(self._about | {"at": now[0]}).encode()

        self._place.update(CLAIM, noted, "application/json")
        self._renewed = now

    def check_former(self, notes: Notes) -> None:
        """Look at a claim that an earlier photoseek has noted, on another machine.

        Raises:
            StoreError: it holds.
            StorageError: the place cannot be read.
        """
        if other := self._other_machine(_told(notes.read(CLAIM))):
            raise _taken(self._location, f"on {other}")

    def end(self) -> None:
        """Take it back, unless another one has it by now."""
        if self.is_mine():
            self._place.remove([CLAIM])

    def _other_machine(self, told: dict[str, Any]) -> str:
        """The machine whose claim holds, "" where it is this one or none."""
        is_here = all(told.get(name) == self._about[name] for name in ("host", "lock"))
        try:
            host, age = str(told["host"]), time.time() - float(told["at"])
        except (ValueError, LookupError, TypeError):
            return ""
        return host if not is_here and age < FORGOTTEN_AFTER else ""

    def is_mine(self) -> bool:
        """Whether no other process has taken the work over."""
        return _told(self._place.read(CLAIM)).get("run") == self._about["run"]


@contextmanager
def claimed(
    location: str,
    notes: Notes,
    settings: EngineSettings | None = None,
    *,
    makes_room: bool = False,
) -> Iterator[Claim]:
    """The claim to an index, which lies where its engine says. One of a process that was killed is
    over. `notes` are those of its runs, among which photoseek claimed earlier: machines may have
    those each for itself.

    On this machine the system says so, by a lock; of others nobody hears for a while. What
    `makes_room` may be done on a full disk, where nobody else can note a claim either.

    Raises:
        StoreError: somebody else has it.
    """
    folder = state_folder() / "reindex"
    folder.mkdir(parents=True, exist_ok=True)
    own = folder / f"{key_of(canonical(location)):016x}.lock"
    lock = FileLock(own, 0o600)
    if not lock.acquire(wait=False):
        raise _taken(location, "on this machine")
    try:
        place = reindexing_engine(location, settings).claims(location)
        claim = Claim(location, place, _name_of(own))
        if notes.uri != place.uri:
            claim.check_former(notes)
        with writing(location):
            place.prepare()
            try:
                claim.renew()
            except StorageError as error:
                if not (makes_room and is_full(error)):
                    raise
        yield claim
        claim.end()
    finally:
        lock.release()


def _name_of(lock: Path) -> str:
    """What tells a lock, which this process has, from all of its path on other machines."""
    file = lock.with_suffix(".name")
    name = file.read_text("ascii", "replace") if file.exists() else ""
    if not name:
        name = uuid.uuid4().hex
        with suppress(OSError):  # on a full disk: the next claim after a kill waits for a minute
            file.write_text(name, "ascii")
    return name


def _told(data: bytes | None) -> dict[str, Any]:
    """What the claim says, whoever wrote it; nothing where there is none."""
    try:
        told = json.loads(data or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _now() -> tuple[float, float]:
    """By a clock that goes on while the machine sleeps, and by one that nobody sets."""
    return time.time(), time.monotonic()


def _since(then: tuple[float, float]) -> float:
    """Seconds since then: more of them where a clock was set, and never fewer."""
    return max(now - before for now, before in zip(_now(), then, strict=True))


def _taken(location: str, where: str) -> StoreError:
    return StoreError(
        f"A reindex of {location} is at work already, {where}. Wait for it, or stop it: the same "
        "command goes on from there. One whose machine is down is over after a minute."
    )
