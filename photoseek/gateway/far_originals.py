"""Originals that lie in S3 or on the web, read so that a larger picture can be shown of them.

A screen asks for thirty at once and waits for none of them long: it has small ones. So few are
read at the same time, each within seconds, and what could not be read is left alone for a while.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlsplit

from anyio import CapacityLimiter, fail_after, to_thread

from photoseek.errors import DamagedPhotoError, PhotoError, UnreadablePhotoError
from photoseek.helpers.deadlines import within
from photoseek.photos import check_start
from photoseek.records import StoredPhoto, content_hash
from photoseek.sources.stock import service_of

AT_ONCE = 4
"""Photos that are read at the same time."""

SECONDS = 5.0
"""How long one waits for its turn, and how long it may be read."""

SLOW_SECONDS = 2.0
"""A failure that took as long is one of the server, whose other photos would take as long too."""

REST_SECONDS = 60.0
"""How long a photo, or a server, that could not be read is left alone."""

_REMEMBERED = 10_000


class FarOriginals:
    """Reads them by `read`, which has the limits of size and of reach."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._turns = CapacityLimiter(AT_ONCE)
        self._resting: OrderedDict[str, float] = OrderedDict()  # until when

    async def read(self, photo: StoredPhoto) -> bytes:
        """The bytes of a photo, which are still those that were indexed.

        Raises:
            PhotoError: it cannot be read in time or at all, or is another one by now; or its stock
                service wants its photos shown from its own servers.
        """
        uri = photo.photo.uri
        service = service_of(photo.photo.id)
        if service and service.shows_its_own:
            raise UnreadablePhotoError(f"{service.name} wants its photos shown from its servers.")
        if self._rests(uri) or self._rests(_server_of(uri)):
            raise UnreadablePhotoError("It could not be read a moment ago. Try again in a minute.")
        try:
            with fail_after(SECONDS):
                await self._turns.acquire()
        except TimeoutError as error:
            raise UnreadablePhotoError("Too many others are read just now. Try again.") from error
        try:
            data = await to_thread.run_sync(self._checked, photo)
        finally:
            self._turns.release()
        return data

    def _checked(self, photo: StoredPhoto) -> bytes:
        uri, start = photo.photo.uri, time.monotonic()
        try:
            with within(SECONDS):
                data = self._read(uri)
            check_start(data)
            if content_hash(data) != photo.content_hash:
                raise DamagedPhotoError("It is another one than was indexed. Index it again.")
        except PhotoError:
            self._rest(uri)
            if time.monotonic() - start >= SLOW_SECONDS:
                self._rest(_server_of(uri))
            raise
        return data

    def _rests(self, what: str) -> bool:
        return self._resting.get(what, 0.0) > time.monotonic()

    def _rest(self, what: str) -> None:
        self._resting[what] = time.monotonic() + REST_SECONDS
        while len(self._resting) > _REMEMBERED:
            self._resting.popitem(last=False)


def _server_of(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
