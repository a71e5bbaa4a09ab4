"""Thumbnails that were asked for last, in memory: a page asks for forty at once."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from photoseek.records import content_hash

MOST_BYTES = 32_000_000
"""Of those that are kept: some two thousand small ones, or five hundred large ones."""

KEEP_SECONDS = 600
"""After which one is read again: that of a photo that was deleted must not stay for good."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG, and what tells it from others as `ETag` does."""

    data: bytes
    tag: str

    @classmethod
    def of(cls, data: bytes) -> Picture:
        """The picture of such bytes."""
        return cls(data, f'"{content_hash(data)}"')


@dataclass(frozen=True, slots=True)
class _Kept:
    picture: Picture
    until: float


class KeptPictures:
    """Pictures by name, for one event loop.

    A name stands for the bytes that a picture was made of, so that it never changes.
    """

    def __init__(
        self, *, max_bytes: int = MOST_BYTES, now: Callable[[], float] = time.monotonic
    ) -> None:
        """At most `max_bytes` of pictures are kept."""
        self._max_bytes = max_bytes
        self._now = now
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0

    def get(self, name: str) -> Picture | None:
        """The picture of that name, where it is kept."""
        kept = self._kept.get(name)
        if kept is None:
            return None
        if self._now() >= kept.until:
            self._forget(name)
            return None
        self._kept.move_to_end(name)
        return kept.picture

    def put(self, name: str, picture: Picture) -> None:
        """Keep a picture."""
        if name in self._kept:
            self._forget(name)
        self._kept[name] = _Kept(picture, self._now() + KEEP_SECONDS)
        self._bytes += len(picture.data)
        while self._bytes > self._max_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, name: str) -> None:
        self._bytes -= len(self._kept.pop(name).picture.data)
