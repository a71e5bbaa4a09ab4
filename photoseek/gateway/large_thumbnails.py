"""Larger thumbnails for screens with many pixels, made of originals when they are asked for.

Nothing of them is kept with the index: indexes of every version have them, and none is larger.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from anyio import CapacityLimiter, to_thread

from photoseek.gateway.originals import Originals
from photoseek.photos import ImageLimits
from photoseek.photos.decoding import decode_thumbnail
from photoseek.photos.memory_budget import SharedMemory
from photoseek.records import StoredPhoto

SIDE = 640
"""Pixels of the longest side."""

AT_ONCE = 2
"""Pictures that are decoded at the same time: a screen asks for thirty at once, and searches are to
be answered meanwhile."""

MOST_BYTES = 32_000_000
"""Of those that are kept in memory: some five hundred."""


class LargeThumbnails:
    """Makes them, and keeps those that were asked for last, by the content of their photos."""

    def __init__(self, originals: Originals, limits: ImageLimits) -> None:
        self._originals = originals
        self._limits = limits
        self._memory = SharedMemory(limits.memory)
        self._turns = CapacityLimiter(AT_ONCE)
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    async def jpeg(self, photo: StoredPhoto) -> bytes:
        """The JPEG bytes of one.

        Raises:
            PhotoError: the original cannot be read.
            StoreError: the index lost the original that it kept.
        """
        key = photo.content_hash
        if data := self._at_hand(key):
            return data
        original = await self._originals.shown(photo)
        data = await to_thread.run_sync(self._made, original, limiter=self._turns)
        self._keep(key, data)
        return data

    def _made(self, original: bytes) -> bytes:
        return decode_thumbnail(original, SIDE, self._limits, room=self._memory.room)

    def _at_hand(self, key: str) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: str, data: bytes) -> None:
        with self._lock:
            if key not in self._kept:
                self._bytes += len(data)
            self._kept[key] = data
            while self._bytes > MOST_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1])
