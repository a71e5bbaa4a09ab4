"""What files say of stored photos by now, taken over without touching their vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from photoseek.records import Traits
from photoseek.store.base import PhotoStore


def retell(store: PhotoStore, told: Mapping[str, Traits]) -> int:
    """Let stored photos have what is told of them, by id (`Traits.retold`); gives how many changed.

    Those are written once more, with the vectors and times that they have; unknown ids are ignored.
    """
    kept = {key: stored.traits for key, stored in store.get(told).items()}
    others = [key for key, traits in kept.items() if traits.retold(told[key]) != traits]
    if not others:
        return 0
    changed = [
        replace(encoded, traits=encoded.traits.retold(told[key]))
        for key, encoded in store.encoded(others).items()
    ]
    store.upsert(changed)
    return len(changed)
