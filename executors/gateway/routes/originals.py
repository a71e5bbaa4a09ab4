"""The bytes of photos as they were indexed, where this machine has them."""

from contextlib import suppress
from pathlib import Path

from anyio import to_thread

from executors.documents import KeptDoc
from executors.gateway.routes.answers import Stored
from executors.gateway.routes.flow import INDEXER, FlowCalls, wire
from photoseek.errors import StorageError, UnreadablePhotoError
from photoseek.records import Photo
from photoseek.settings import Settings
from photoseek.sources.stock import download_url, is_stock
from photoseek.storage.files import path_of_file_uri
from photoseek.store import Contents, open_originals


class KeptOriginals:
    """The originals that the index keeps, of photos that were asked for by id."""

    def __init__(self, flow: FlowCalls, settings: Settings) -> None:
        self._flow = flow
        self._contents = open_originals(settings.index)

    def has(self, photo: Stored) -> bool:
        """Whether the index keeps a photo and may give it out.

        Stock services want their photos shown from their own servers, and downloads are told there.
        """
        if photo["link"] and is_stock(photo["id"]):
            return False
        return photo.get("keep") == "original"

    async def get(self, photo: Stored) -> bytes | None:
        """The bytes, or None where none are kept. Raises Problem where the index lost them."""
        if not self.has(photo):
            return None
        return await to_thread.run_sync(self.at_hand, photo) or await self.of_indexer(photo)

    def at_hand(self, photo: Stored) -> bytes | None:
        """The bytes from where the index lives, or None: it may be beyond this process's reach."""
        return at_hand(self._contents, photo["content_hash"])

    async def of_indexer(self, photo: Stored) -> bytes | None:
        """The bytes through the Flow, which takes longer. Raises Problem as `get` does."""
        asked = wire(KeptDoc, photo=photo["id"], what="original")
        answer = await self._flow.call("/kept", asked, KeptDoc, only=INDEXER)
        return None if answer.data is None else bytes(answer.data)


def at_hand(contents: Contents, content_hash: str) -> bytes | None:
    """A file from where the index lives, which need not be within this process's reach."""
    with suppress(StorageError):
        return contents.get(content_hash)
    return None


def downloaded_from(photo: Stored, settings: Settings) -> str:
    """Where a photo is fetched from when a person downloads it; a stock service may be told.

    Raises SourceError when it cannot be told: then the photo must not be downloaded.
    """
    return download_url(Photo(photo["id"], photo["uri"], metadata=photo["metadata"]), settings)


def local_file(uri: str) -> Path | None:
    """The file of a photo on this machine's disk, or None."""
    try:
        path = Path(path_of_file_uri(uri) if uri.startswith("file://") else uri)
    except UnreadablePhotoError:
        return None
    return path if path.is_absolute() and path.is_file() else None
