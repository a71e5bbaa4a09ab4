"""Servers, buckets and folders of photos that are away, so that no photo of theirs is given up."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from photoseek.errors import AwayPhotoError
from photoseek.helpers.path_rules import is_absolute, path_of_file_uri
from photoseek.helpers.uri import scheme_of

MOST_IN_A_ROW = 16
"""Photos of one server that could not be had, one after the other, before no more are tried."""

AGAIN_AFTER = 60.0
"""Seconds after which one more is tried."""


@dataclass(slots=True)
class _Place:
    in_a_row: int = 0
    tried_at: float = 0.0


class AwayPlaces:
    """What one run knows of the places that its photos lie in; safe in threads.

    A server that is silent takes half a minute for each photo, and nobody waits so long for each of
    ten thousand.
    """

    def __init__(
        self, folders: Sequence[str] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`folders` are those that photos were indexed from."""
        self._folders = [Path(folder) for folder in folders]
        self._clock = clock
        self._lock = threading.Lock()
        self._places: dict[str, _Place] = {}

    def check(self, uri: str) -> None:
        """Refuse a photo whose server gave none of the last ones.

        Raises:
            AwayPhotoError: it is not asked now.
        """
        with self._lock:
            place = self._places.get(name := server_of(uri))
            if place is None or place.in_a_row < MOST_IN_A_ROW:
                return
            now = self._clock()
            if now >= place.tried_at + AGAIN_AFTER:
                place.tried_at = now
                return
        raise AwayPhotoError(
            f"It was not asked for: {name} gave none of the last {MOST_IN_A_ROW} photos or more."
        )

    def failed(self, uri: str) -> None:
        """Note that a photo could not be had."""
        if name := server_of(uri):
            with self._lock:
                place = self._places.setdefault(name, _Place())
                place.in_a_row += 1
                place.tried_at = self._clock()

    def answered(self, uri: str) -> None:
        """Note that its server did answer, whatever it said."""
        with self._lock:
            self._places.pop(server_of(uri), None)

    def gone_folder(self, uri: str) -> str:
        """The folder that a photo was indexed from, if it is not there, or nothing is in it.

        A disk that is not mounted looks so. "" where it is there, or was told by nobody.
        """
        try:
            path = path_of_file_uri(uri) if scheme_of(uri) == "file" else uri
        except ValueError:
            return ""
        if not is_absolute(path):
            return ""
        above = (folder for folder in self._folders if Path(path).is_relative_to(folder))
        return next((str(folder) for folder in above if _is_empty(folder)), "")


def server_of(uri: str) -> str:
    """The server or bucket of a photo; "" for one of this machine."""
    if scheme_of(uri) in ("", "file"):
        return ""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _is_empty(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True
