"""Where photos are kept and found: `open_store` gives a `PhotoStore`.

Importing this loads neither LanceDB nor Arrow (together they take seconds).
"""

from photoseek.store.base import PhotoStore
from photoseek.store.blobs import Blobs, BlobStore
from photoseek.store.filters import Where, filters_of, parse_condition, parse_filter
from photoseek.store.index_errors import missing_index, mistaken_vectors, no_index, other_model
from photoseek.store.memory import MemoryStore
from photoseek.store.registry import (
    canonical,
    is_folder,
    is_in_engine,
    open_originals,
    open_store,
    open_thumbnails,
    peek_model,
    register_store,
    same_index,
)
from photoseek.store.store_engine import ConfiguredEngine, StoreEngine
from photoseek.store.switching import switch_index

__all__ = [
    "BlobStore",
    "Blobs",
    "ConfiguredEngine",
    "MemoryStore",
    "PhotoStore",
    "StoreEngine",
    "Where",
    "canonical",
    "filters_of",
    "is_folder",
    "is_in_engine",
    "missing_index",
    "mistaken_vectors",
    "no_index",
    "open_originals",
    "open_store",
    "open_thumbnails",
    "other_model",
    "parse_condition",
    "parse_filter",
    "peek_model",
    "register_store",
    "same_index",
    "switch_index",
]
