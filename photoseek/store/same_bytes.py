"""What a store holds for the bytes of photos, under whatever ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from photoseek.records import Condition, EncodedPhoto
from photoseek.store.base import PhotoStore
from photoseek.store.lazy import LazyStore

CONTENTS_AT_ONCE = 256
COPIES_AT_ONCE = 1_000


def asking_for_contents(
    index: LazyStore,
) -> tuple[Callable[[Sequence[str]], dict[str, EncodedPhoto]], Callable[[str], bytes | None]]:
    """What gives one photo of each of some content hashes, and the thumbnail for one of them.

    Both raise StoreError as `LazyStore.read` does.
    """

    def photos(content_hashes: Sequence[str]) -> dict[str, EncodedPhoto]:
        def ask(store: PhotoStore) -> list[EncodedPhoto]:
            return list(store.encoded(ids_of_contents(store, content_hashes).values()).values())

        nothing: list[EncodedPhoto] = []
        return {each.content_hash: each for each in index.read(ask, nothing)}

    def thumbnail(content_hash: str) -> bytes | None:
        return index.read(lambda store: store.blobs.thumbnails.get(content_hash), None)

    return photos, thumbnail


def ids_of_contents(store: PhotoStore, content_hashes: Iterable[str]) -> dict[str, str]:
    """Those of the content hashes that photos have, each with the id of one of these photos."""
    found: dict[str, str] = {}
    waiting = list(dict.fromkeys(content_hashes))
    while waiting:
        some = waiting[:CONTENTS_AT_ONCE]
        where = [Condition("content_hash", "in", tuple(some))]
        page = store.browse(COPIES_AT_ONCE, where=where)
        new = {stored.content_hash: stored.photo.id for stored in page}
        found |= new
        # The copies of a few may fill a page: the others are asked for again.
        done = new if len(page) == COPIES_AT_ONCE else some
        waiting = [each for each in waiting if each not in done]
    return found
