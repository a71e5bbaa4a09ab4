"""The bytes of photos as they were indexed: from this machine's disk, the index, or their place."""

from __future__ import annotations

from contextlib import suppress

from anyio import from_thread, to_thread
from fastapi.responses import FileResponse
from starlette.types import Receive, Scope, Send

from photoseek.errors import (
    OutsideRootsError,
    PhotoError,
    PhotoseekError,
    QueryError,
    SilentStoreError,
    StorageError,
)
from photoseek.fetch import PhotoReader
from photoseek.fetch.local import LocalFile
from photoseek.gateway.far_originals import FarOriginals
from photoseek.gateway.problems import NOT_IN_TIME, Problem
from photoseek.gateway.service import Service
from photoseek.helpers.deadlines import seconds_left, within
from photoseek.helpers.uri import scheme_of
from photoseek.photos import START, check_start, content_type
from photoseek.records import StoredPhoto
from photoseek.settings import LibrarySettings
from photoseek.sources.stock import download_url, service_of
from photoseek.store import BlobStore, open_originals


class Originals:
    """Gives out the originals of photos that were asked for by id."""

    def __init__(self, service: Service, settings: LibrarySettings) -> None:
        self._service = service
        self._settings = settings
        self._kept = open_originals(settings.index, settings)
        self._seconds = settings.original_seconds
        self._reader = PhotoReader(
            max_megabytes=settings.max_megabytes,
            allow_private_addresses=settings.allow_private_addresses,
            roots=settings.readable_roots,
            timeout_seconds=settings.fetch_seconds,
            user_agent=settings.user_agent,
        )
        self._far = FarOriginals(self._reader.read)

    def close(self) -> None:
        """Close the connections to where photos lie."""
        self._reader.close()

    def downloaded_from(self, photo: StoredPhoto) -> str:
        """Where a photo is fetched from when a person downloads it; a stock service may be told.

        Raises:
            SourceError: it cannot be told: then the photo must not be downloaded.
        """
        return download_url(photo.photo, self._settings)

    def open_local(self, photo: StoredPhoto) -> LocalFile | None:
        """The file of a photo on this machine's disk, open and checked; None where it is elsewhere.

        What was put in the place of a photo is given to nobody.

        Raises:
            PhotoError: it cannot be read, or is no photo.
        """
        file = self._reader.open(photo.photo.uri)
        if file is not None:
            try:
                check_start(file.read(START))
            except BaseException:
                file.close()
                raise
        return file

    async def kept(self, photo: StoredPhoto) -> bytes | None:
        """The bytes that the index keeps, or None.

        Raises:
            StoreError: it lost them.
        """
        if not _is_kept(photo):
            return None
        data = await to_thread.run_sync(self._at_hand, photo)
        return data or await self._of_service(photo)

    async def shown(self, photo: StoredPhoto) -> bytes:
        """The bytes of a photo to make a picture of: from this machine's disk, the index, or S3 and
        the web, as far as photos there may be read.

        Raises:
            PhotoError: it cannot be read.
            StoreError: the index lost them.
        """
        problem: PhotoError | None = None
        if not scheme_of(photo.photo.uri):
            try:
                return await to_thread.run_sync(self._local, photo)
            except PhotoError as error:
                problem = error
        data = await self.kept(photo)
        if data is not None:
            return data
        if problem is not None:
            raise problem
        return await self._far.read(photo)

    def _local(self, photo: StoredPhoto) -> bytes:
        file = self.open_local(photo)
        assert file is not None, "an address was taken for a path"
        with file:
            return file.read(file.status.st_size)

    def read(self, photo: StoredPhoto) -> bytes:
        """The bytes of a photo from wherever they can be had, in a thread; a service may be told.

        Raises:
            PhotoError: it cannot be read, or is no photo.
            SourceError: as `downloaded_from` does.
        """
        place = self.downloaded_from(photo)
        try:
            if (file := self.open_local(photo)) is not None:
                with file:
                    return file.read(file.status.st_size)
        except PhotoError:
            if not _is_kept(photo):
                raise
        if _is_kept(photo):
            data = None
            with suppress(PhotoseekError):  # then its place may still have it
                data = self._at_hand(photo) or from_thread.run(self._of_service, photo)
            if data:
                return data
        data = self._reader.read(place)
        check_start(data)
        return data

    def _at_hand(self, photo: StoredPhoto) -> bytes | None:
        with within(self._seconds):
            return at_hand(self._kept, photo.content_hash)

    async def _of_service(self, photo: StoredPhoto) -> bytes | None:
        """The bytes by way of the service, which takes longer."""
        try:
            return await self._service.original(photo.photo.id)
        except QueryError:
            return None


def at_hand(contents: BlobStore, content_hash: str) -> bytes | None:
    """A file from where the index lives, which need not be within this process's reach.

    Raises:
        SilentStoreError: that does not answer in the time of this thread: nor would the service.
    """
    try:
        return contents.get(content_hash)
    except StorageError as error:
        if seconds_left() <= 0:
            raise SilentStoreError(NOT_IN_TIME) from error
        return None


def not_here(photo: StoredPhoto, error: PhotoError | None) -> Problem:
    """What to answer where a photo cannot be given out."""
    if isinstance(error, OutsideRootsError):  # whose own words list the folders
        return Problem(403, outside(photo))
    reason = f" {error}" if error else ""
    return Problem(404, f"The photo {photo.photo.uri} is not there any more, or not here.{reason}")


def outside(photo: StoredPhoto) -> str:
    """What is told of a photo that lies where nothing may be read from."""
    return (
        f"The photo {photo.photo.uri} lies outside of the folders and buckets that may be read. "
        "Whoever runs this service can add its place to PHOTOSEEK_PHOTO_ROOTS."
    )


class LocalOriginal(FileResponse):
    """The answer that is a file: the one that was opened, whatever stands at its path by now."""

    def __init__(self, file: LocalFile, *, by_name: str, headers: dict[str, str]) -> None:
        """`by_name` is the content type that the name of the photo stands for."""
        super().__init__(
            file.path,
            media_type=content_type(file.read(START), by_name),
            headers=headers,
            stat_result=file.status,
        )
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, or the part that was asked for, and close it."""
        with self._file:
            await super().__call__(scope, receive, send)


def _is_kept(photo: StoredPhoto) -> bool:
    """Whether the index keeps a photo and may give it out.

    Stock services want their photos shown from their own servers, and downloads are told there.
    """
    service = service_of(photo.photo.id)
    if photo.link and service and service.shows_its_own:
        return False
    return photo.keep == "original"
