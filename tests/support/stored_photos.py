"""Photos with made-up vectors, the same ones in every process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from hashlib import blake2b
from typing import Any

import numpy as np

from photoseek.records import EncodedPhoto, Hit, ModelIdentity, Photo, Vector
from photoseek.store import PhotoStore

MODEL = ModelIdentity("demo", "f" * 16, 16)


def vector_of(seed: int) -> Vector:
    vector = np.random.default_rng(seed).standard_normal(MODEL.dimensions)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def hash_of(content: object) -> str:
    return blake2b(str(content).encode(), digest_size=16).hexdigest()


def photo(number: int, **fields: Any) -> Photo:
    given = {"uri": f"/photos/{number}.jpg", "version": "1", **fields}
    return Photo(**{"id": f"p{number:05}", **given})


def encoded(number: int, *, content: object = None, seed: int | None = None, **fields: Any) -> Any:
    content = number if content is None else content
    return EncodedPhoto(
        photo(number, **fields),
        content_hash=hash_of(content),
        width=1000 + number,
        height=500,
        vector=vector_of(number if seed is None else seed),
        thumbnail=f"thumbnail of {content}".encode(),
    )


def all_but_vector(photo: EncodedPhoto) -> dict[str, object]:
    """What else is stored for a photo: arrays are no more equal than each of their numbers."""
    return {each.name: getattr(photo, each.name) for each in fields(photo) if each.name != "vector"}


def ids(hits: Iterable[Hit]) -> list[str]:
    return [hit.stored.photo.id for hit in hits]


WRITES: dict[str, Callable[[PhotoStore], object]] = {
    "upsert": lambda store: store.upsert([encoded(number) for number in range(5000)]),
    "describe": lambda store: store.describe([photo(number, caption="n") for number in range(50)]),
    "delete": lambda store: store.delete(["p00001"]),
}
"""What writes to a store of at least fifty of these photos, by its name."""
