"""What files say of stored photos by now, taken over without touching their vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from photoseek.records import StoredPhoto, Traits
from photoseek.store.base import PhotoStore


def retell(store: PhotoStore, told: Mapping[str, Traits]) -> int:
    """Let stored photos have what is told of them, by id (`Traits.retold`); gives how many changed.

    Vectors and times stay as they are; unknown ids are ignored.
    """

    def retold(stored: StoredPhoto) -> StoredPhoto | None:
        traits = stored.traits.retold(told[stored.photo.id])
        return None if traits == stored.traits else replace(stored, traits=traits)

    others = [key for key, stored in store.get(told).items() if retold(stored) is not None]
    return store.revise(others, retold) if others else 0
