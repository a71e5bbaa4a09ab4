"""Larger thumbnails for screens with many pixels, made of originals when they are asked for.

Nothing of them is kept with the index: indexes of every version have them, and none is larger.
"""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread

from photoseek.gateway.kept_pictures import KeptPictures, Picture
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


class LargeThumbnails:
    """Makes them, and keeps those that were asked for last, by the content of their photos."""

    def __init__(self, originals: Originals, limits: ImageLimits) -> None:
        self._originals = originals
        self._limits = limits
        self._memory = SharedMemory(limits.memory)
        self._turns = CapacityLimiter(AT_ONCE)
        self._kept = KeptPictures()

    def kept(self, content: str) -> Picture | None:
        """The one of a photo with such bytes, by their hash, where it was made lately."""
        return self._kept.get(content)

    async def picture(self, photo: StoredPhoto) -> Picture:
        """The one of a photo.

        Raises:
            PhotoError: the original cannot be read.
            StoreError: the index lost the original that it kept.
        """
        if picture := self.kept(photo.content_hash):
            return picture
        original = await self._originals.shown(photo)
        data = await to_thread.run_sync(self._made, original, limiter=self._turns)
        picture = Picture.of(data)
        self._kept.put(photo.content_hash, picture)
        return picture

    def _made(self, original: bytes) -> bytes:
        return decode_thumbnail(original, SIDE, self._limits, room=self._memory.room)
