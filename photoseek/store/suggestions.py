"""Keywords that a model suggests, written into an index beside those that people gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from photoseek.store.base import PhotoStore

Suggestions = Mapping[str, tuple[str, tuple[str, ...]]]
"""By the ids of photos: the hash of the bytes that were looked at, and the keywords for them."""


def suggest(store: PhotoStore, suggestions: Suggestions) -> int:
    """Let stored photos have these keywords and no others of before; gives how many changed.

    Those are written once more, with the vectors and times that they have. A photo whose bytes are
    others by now is left alone, and so are unknown ids.
    """
    kept = store.get(suggestions)
    others = [key for key, stored in kept.items() if stored.traits.suggested != suggestions[key][1]]
    if not others:
        return 0
    changed = [
        replace(encoded, traits=replace(encoded.traits, suggested=suggestions[key][1]))
        for key, encoded in store.encoded(others).items()
        if encoded.content_hash == suggestions[key][0]
    ]
    store.upsert(changed)
    return len(changed)
