"""The file of a photo that is handed in or forgotten, in step with the index.

A photo is stored before the index knows of it, and what becomes of the index's part may be heard of
late, or never: a commit goes on when its caller has given up.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from anyio import to_thread

from photoseek.errors import PhotoError, PhotoseekError, SlowAnswerError
from photoseek.gateway.problems import CHANGE_TOO_LONG
from photoseek.gateway.service import Service
from photoseek.indexing.uploads import Uploads
from photoseek.records import Photo

T = TypeVar("T")

CHANGE_SECONDS = 90.0
"""How long a change is waited for: as long as an index waits to begin it, and half as long."""

ASK_AGAIN_SECONDS = 5.0
"""Before an index that did not say whether it has a photo is asked once more."""

_log = logging.getLogger(__name__)


class HandingIn:
    """Indexes photos with their files, and forgets them. For one event loop.

    Whoever waits too long is told so, while the work goes on: nobody could tell how it ended if it
    were broken off.
    """

    def __init__(
        self,
        service: Service,
        uploads: Uploads | None,
        *,
        change_seconds: float = CHANGE_SECONDS,
        ask_again_seconds: float = ASK_AGAIN_SECONDS,
    ) -> None:
        """Without `uploads` no photo can be handed in."""
        self.uploads = uploads
        self._service = service
        self._seconds = change_seconds
        self._pause = ask_again_seconds
        self._under_way: Counter[str] = Counter()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._work: set[asyncio.Task[Any]] = set()

    async def add(self, content: str, save: Callable[[], Photo]) -> Photo:
        """Save a photo, whose content has that hash, and index it.

        When it is not indexed, for whatever reason, its file goes, unless another upload of the
        same bytes needs it. What the service raises is raised here too.

        Raises:
            PhotoError: it is no photo that could be indexed.
            StorageError: it cannot be stored.
        """
        return await self._in_time(self._add(content, save))

    async def delete(self, photo_id: str, uri: str, content: str) -> int:
        """Forget a photo, and its file if it was handed in; gives how many were there."""
        return await self._in_time(self._delete(photo_id, uri, content))

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T:
        task = self._begin(work)
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(task)
        except TimeoutError as error:
            raise SlowAnswerError(CHANGE_TOO_LONG) from error

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._work.add(task)  # asyncio itself forgets tasks that nobody holds
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.debug("A change ended with an error, which may have been told: %s", error)

    async def _add(self, content: str, save: Callable[[], Photo]) -> Photo:
        saved: Photo | None = None
        self._under_way[content] += 1
        try:
            async with self._turn(content):
                saved = await to_thread.run_sync(save)
            [outcome] = await self._service.index_batch([saved], [""], ["thumbnail"])
            if outcome.error:
                raise PhotoError(outcome.error)
        except Exception:
            self._leave(content)
            if saved is not None and not await self._take_back(saved, content, save):
                _log.warning("%s was not indexed; it goes when the index says so", saved.uri)
                self._begin(self._take_back_later(saved, content, save))
            raise
        self._leave(content)
        await self._put_back(saved, content, save)
        return saved

    async def _delete(self, photo_id: str, uri: str, content: str) -> int:
        count = await self._service.delete([photo_id])
        if count and self.uploads is not None:
            async with self._turn(content):
                if not self._under_way[content]:
                    await to_thread.run_sync(self.uploads.remove, uri)
        return count

    async def _take_back(self, saved: Photo, content: str, save: Callable[[], Photo]) -> bool:
        """Remove a file that nothing refers to; False where the index does not say."""
        async with self._turn(content):
            if self._under_way[content]:
                return True  # that upload sees to the file
            try:
                if not await self._service.photos([saved.id]) and self.uploads is not None:
                    await to_thread.run_sync(self.uploads.remove, saved.uri)
                    if await self._service.photos([saved.id]):  # by another gateway, just now
                        await to_thread.run_sync(save)
            except PhotoseekError:
                return False
            return True

    async def _take_back_later(self, saved: Photo, content: str, save: Callable[[], Photo]) -> None:
        while not await self._take_back(saved, content, save):
            await asyncio.sleep(self._pause)

    async def _put_back(self, saved: Photo, content: str, save: Callable[[], Photo]) -> None:
        """Save a photo once more whose file another gateway has removed, which could not index it.

        That one removes first and asks the index then; here it is the other way round.
        """
        async with self._turn(content):
            uploads = self.uploads
            if uploads is None or await to_thread.run_sync(uploads.has, saved):
                return
            with suppress(PhotoseekError):  # where the index does not say, the photo is in it
                if not await self._service.photos([saved.id]):
                    return
            await to_thread.run_sync(save)

    def _leave(self, content: str) -> None:
        self._under_way[content] -= 1
        if not self._under_way[content]:
            del self._under_way[content]

    def _turn(self, content: str) -> asyncio.Lock:
        """Held while a file appears or disappears."""
        return self._turns.setdefault(content, asyncio.Lock())
