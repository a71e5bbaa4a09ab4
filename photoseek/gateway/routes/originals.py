"""The bytes of photos as they were indexed, where this machine has them."""

from anyio import to_thread
from fastapi.responses import FileResponse
from starlette.types import Receive, Scope, Send

from photoseek.errors import OutsideRootsError, PhotoError, StorageError
from photoseek.fetch import PhotoReader
from photoseek.fetch.local import LocalFile
from photoseek.flow.calls import INDEXER, FlowCalls, wire
from photoseek.flow.documents import KeptDoc
from photoseek.gateway.problems import NOT_IN_TIME, Problem
from photoseek.gateway.routes.answers import Stored
from photoseek.helpers.deadlines import seconds_left, within
from photoseek.photos import check_start
from photoseek.records import Photo
from photoseek.settings import Settings
from photoseek.sources.stock import download_url, service_of
from photoseek.store import Contents, open_originals

START = 256
"""Bytes of a file by which a picture is known."""


class KeptOriginals:
    """The originals that the index keeps, of photos that were asked for by id."""

    def __init__(self, flow: FlowCalls, settings: Settings) -> None:
        self._flow = flow
        self._contents = open_originals(settings.index)

    def has(self, photo: Stored) -> bool:
        """Whether the index keeps a photo and may give it out.

        Stock services want their photos shown from their own servers, and downloads are told there.
        """
        service = service_of(photo["id"])
        if photo["link"] and service and service.shows_its_own:
            return False
        return photo.get("keep") == "original"

    async def get(self, photo: Stored) -> bytes | None:
        """The bytes, or None where none are kept. Raises Problem where the index lost them."""
        if not self.has(photo):
            return None
        with within(self._flow.fetch_seconds):
            data = await to_thread.run_sync(self.at_hand, photo)
        return data or await self.of_indexer(photo)

    def at_hand(self, photo: Stored) -> bytes | None:
        """The bytes from where the index lives, or None: it may be beyond this process's reach.

        Raises Problem where it is silent.
        """
        with within(self._flow.fetch_seconds):
            return at_hand(self._contents, photo["content_hash"])

    async def of_indexer(self, photo: Stored) -> bytes | None:
        """The bytes through the Flow, which takes longer. Raises Problem as `get` does."""
        asked = wire(KeptDoc, photo=photo["id"], what="original")
        answer = await self._flow.call("/kept", asked, KeptDoc, only=INDEXER)
        return None if answer.data is None else bytes(answer.data)


def at_hand(contents: Contents, content_hash: str) -> bytes | None:
    """A file from where the index lives, which need not be within this process's reach.

    Raises Problem where that does not answer in the time of this thread: nor would the indexer.
    """
    try:
        return contents.get(content_hash)
    except StorageError as error:
        if seconds_left() <= 0:
            raise Problem(504, NOT_IN_TIME) from error
        return None


def downloaded_from(photo: Stored, settings: Settings) -> str:
    """Where a photo is fetched from when a person downloads it; a stock service may be told.

    Raises SourceError when it cannot be told: then the photo must not be downloaded.
    """
    return download_url(Photo(photo["id"], photo["uri"], metadata=photo["metadata"]), settings)


def open_local(reader: PhotoReader, photo: Stored) -> LocalFile | None:
    """The file of a photo on this machine's disk, open and checked; None where it lies elsewhere.

    What was put in the place of a photo is given to nobody. Raises PhotoError.
    """
    file = reader.open(photo["uri"])
    if file is not None:
        try:
            check_start(file.read(START))
        except BaseException:
            file.close()
            raise
    return file


def not_here(photo: Stored, error: PhotoError | None) -> Problem:
    """What to answer where a photo cannot be given out."""
    if isinstance(error, OutsideRootsError):  # whose own words list the folders
        return Problem(403, outside(photo))
    reason = f" {error}" if error else ""
    return Problem(404, f"The photo {photo['uri']} is not there any more, or not here.{reason}")


def outside(photo: Stored) -> str:
    """What is told of a photo that lies where nothing may be read from."""
    return (
        f"The photo {photo['uri']} lies outside of the folders and buckets that may be read. "
        "Whoever runs this service can add its place to PHOTOSEEK_PHOTO_ROOTS."
    )


class LocalOriginal(FileResponse):
    """The answer that is a file: the one that was opened, whatever stands at its path by now."""

    def __init__(self, file: LocalFile, *, media_type: str, headers: dict[str, str]) -> None:
        super().__init__(
            f"/dev/fd/{file.handle}",
            media_type=media_type,
            headers=headers,
            stat_result=file.status,
        )
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, or the part that was asked for, and close it."""
        with self._file:
            await super().__call__(scope, receive, send)
