"""A service as an indexing run uses it: methods that a thread waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from photoseek.errors import ServiceError
from photoseek.gateway.service import Service
from photoseek.helpers.fingerprints import Fingerprints
from photoseek.records import Found, Keep, KnownPhoto, Outcome, Photo, Status, StoredPhoto
from photoseek.search.grammar import parse_query
from photoseek.store import Where, filters_of
from photoseek.store.fulltext import checked_fields
from photoseek.store.index_errors import unknown_photo

T = TypeVar("T")


class ServiceIndex:
    """What `photoseek.indexing` asks of an index, answered by a service in an event loop.

    For threads other than the loop's own. Every method raises what the service does, and
    ServiceError when the loop has ended.
    """

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        self._service = service
        self._loop = loop

    def prepare(self) -> None:
        """Wait until photos can be indexed."""
        self._wait(self._service.prepare())

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos, and which were deleted on purpose."""
        return self._wait(self._service.known(ids))

    def fingerprints(self, most: int, keep: Keep | None = None) -> Fingerprints | None:
        """Those of all photos, where they are few enough."""
        parts: list[bytes] = []
        after = ""
        while page := self._wait(self._service.fingerprints(most, keep, after)):
            parts.append(page.data)
            if not page.next_after:
                return Fingerprints(parts)
            after = page.next_after
        return None

    def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        """Index one batch in one commit."""
        return self._wait(self._service.index_batch(photos, known_hashes, keeps))

    def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        """Forget photos; gives how many were there."""
        return self._wait(self._service.delete(ids, vanished=vanished))

    def maintain(self) -> None:
        """Tidy up after a long run of changes."""
        self._wait(self._service.maintain())

    def photo(self, photo_id: str) -> StoredPhoto:
        """What is known of a photo.

        Raises:
            QueryError: there is none.
        """
        for photo in self._wait(self._service.photos([photo_id])):
            return photo
        raise unknown_photo(photo_id)

    def search(self, query: str = "", *, top_k: int = 10, where: Where = ()) -> Found:
        """The photos nearest to a query that satisfy filters."""
        found = self._service.search(parse_query(query), top_k=top_k, where=filters_of(where))
        return self._wait(found)

    def status(self) -> Status:
        """The model and the index."""
        return self._wait(self._service.status())

    def refresh_words(self) -> int:
        """Nothing: the service keeps its index."""
        return 0

    def use_keyword_fields(self, names: Sequence[str]) -> int:
        """See that the words of these fields are found, which the service decides at its start.

        Raises:
            SettingsError: one of the fields has no words.
            ServiceError: it finds those of others.
        """
        wanted, found = checked_fields(names), self.status().keyword_fields
        if set(wanted) != set(found):
            raise ServiceError(
                "The index finds the words of other fields than PHOTOSEEK_KEYWORD_FIELDS says: "
                f"{', '.join(found) or 'captions and tags alone'}. Start the gateway again."
            )
        return 0

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            answer = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError as error:  # the loop is closed
            work.close()
            raise ServiceError("The gateway has stopped. What is indexed stays.") from error
        return answer.result()
