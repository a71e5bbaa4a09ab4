"""One reindex at a time of one index, on whatever machines."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from photoseek.errors import StoreError
from photoseek.files.filestore import FileStore
from photoseek.helpers.idset import key_of
from photoseek.helpers.locks import FileLock
from photoseek.helpers.user_folders import state_folder
from photoseek.store import canonical
from photoseek.store.beside import REINDEXED
from photoseek.store.failures import writing

CLAIM = f"{REINDEXED}/claim.json"
"""The note that says which machine makes an index again."""

RENEWED_EVERY = 10.0
FORGOTTEN_AFTER = 60.0
"""Seconds. A machine that has not renewed its claim for so long is thought to be down."""


class Claim:
    """That this process makes an index again, as others see it."""

    def __init__(self, place: FileStore) -> None:
        self._place = place
        self._renewed = 0.0

    def renew(self) -> None:
        """Tell other machines that it goes on; cheap, so that it may be called often."""
        if time.monotonic() - self._renewed >= RENEWED_EVERY or not self._renewed:
            about = {"host": socket.gethostname(), "at": time.time()}
            self._place.write(CLAIM, json.dumps(about).encode(), "application/json")
            self._renewed = time.monotonic()

    def end(self) -> None:
        """Take it back."""
        self._place.remove([CLAIM])


@contextmanager
def claimed(location: str, place: FileStore) -> Iterator[Claim]:
    """The claim to an index, whose notes lie at `place`. One of a process that was killed is over.

    On this machine the system says so, by a lock; of others nobody hears for a while.

    Raises:
        StoreError: somebody else has it.
    """
    folder = state_folder() / "reindex"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{key_of(canonical(location)):016x}.lock", 0o600)
    if not lock.acquire(wait=False):
        raise _taken(location, "on this machine")
    try:
        with writing(location):
            place.prepare()
            other = _other_machine(place)
            if other:
                raise _taken(location, f"on {other}")
            claim = Claim(place)
            claim.renew()
        yield claim
        claim.end()
    finally:
        lock.release()


def _other_machine(place: FileStore) -> str:
    """The machine whose claim holds, "" where it is this one or none."""
    try:
        told = json.loads(place.read(CLAIM) or b"{}")
        host, age = str(told["host"]), time.time() - float(told["at"])
    except (ValueError, LookupError, TypeError):
        return ""
    return host if host != socket.gethostname() and age < FORGOTTEN_AFTER else ""


def _taken(location: str, where: str) -> StoreError:
    return StoreError(
        f"A reindex of {location} is at work already, {where}. Wait for it, or stop it: the same "
        "command goes on from there. One whose machine is down is over after a minute."
    )
