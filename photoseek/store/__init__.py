"""Where photos are kept and found: `open_store` gives a `PhotoStore`.

Importing this loads neither LanceDB nor Arrow (together they take seconds).
"""

from photoseek.store.base import PhotoStore
from photoseek.store.blobs import Contents
from photoseek.store.filters import parse_condition
from photoseek.store.memory import MemoryStore
from photoseek.store.registry import (
    missing_index,
    mistaken_vectors,
    no_index,
    open_originals,
    open_store,
    open_thumbnails,
    other_model,
    peek_model,
    same_index,
)

__all__ = [
    "Contents",
    "MemoryStore",
    "PhotoStore",
    "missing_index",
    "mistaken_vectors",
    "no_index",
    "open_originals",
    "open_store",
    "open_thumbnails",
    "other_model",
    "parse_condition",
    "peek_model",
    "same_index",
]
