"""Keywords that a model suggests, written into an index beside those that people gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from photoseek.records import StoredPhoto
from photoseek.store.base import PhotoStore

Suggestions = Mapping[str, tuple[str, tuple[str, ...]]]
"""By the ids of photos: the hash of the bytes that were looked at, and the keywords for them."""


def suggest(store: PhotoStore, suggestions: Suggestions) -> int:
    """Let stored photos have these keywords and no others of before; gives how many changed.

    Vectors and times stay as they are. A photo whose bytes are others by now is left alone, and so
    are unknown ids.
    """

    def suggested(stored: StoredPhoto) -> StoredPhoto | None:
        content_hash, names = suggestions[stored.photo.id]
        if stored.content_hash != content_hash or stored.traits.suggested == names:
            return None
        return replace(stored, traits=replace(stored.traits, suggested=names))

    others = [key for key, stored in store.get(suggestions).items() if suggested(stored)]
    return store.revise(others, suggested) if others else 0
