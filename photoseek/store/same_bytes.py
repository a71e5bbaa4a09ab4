"""What a store holds for the bytes of photos, under whatever ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from photoseek.records import Condition, EncodedPhoto
from photoseek.store.base import PhotoStore

CONTENTS_AT_ONCE = 256
COPIES_AT_ONCE = 1_000


def contents_of(store: PhotoStore, content_hashes: Sequence[str]) -> dict[str, EncodedPhoto]:
    """What is stored of one photo of each content hash, with its thumbnail or b""."""
    ids = ids_of_contents(store, content_hashes)
    found = {each.content_hash: each for each in store.encoded(ids.values()).values()}
    thumbnails = store.blobs.thumbnails.get_all(found)
    return {name: replace(each, thumbnail=thumbnails[name]) for name, each in found.items()}


def ids_of_contents(store: PhotoStore, content_hashes: Iterable[str]) -> dict[str, str]:
    """Those of the content hashes that photos have, each with the id of one of these photos."""
    found: dict[str, str] = {}
    waiting = list(dict.fromkeys(content_hashes))
    while waiting:
        some = waiting[:CONTENTS_AT_ONCE]
        where = [Condition("content_hash", "in", tuple(some))]
        # Most are new, and to count none takes the embedded store a third of what a list takes.
        page = store.browse(COPIES_AT_ONCE, where=where) if store.count(where) else []
        new = {stored.content_hash: stored.photo.id for stored in page}
        found |= new
        # The copies of a few may fill a page: the others are asked for again.
        done = new if len(page) == COPIES_AT_ONCE else some
        waiting = [each for each in waiting if each not in done]
    return found
