"""What runs on a machine of the cluster: the encoder of every indexing run, asked from afar."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from photoseek.cluster.work_order import Encoded, Partition, WorkOrder
from photoseek.indexing.building import build_encoder
from photoseek.indexing.contents import StoredContents
from photoseek.indexing.results import UnchangedPhoto, outcome_of, to_be_stored
from photoseek.indexing.run import IN_FLIGHT
from photoseek.records import EncodedPhoto, ModelIdentity, Skip
from photoseek.store.lazy import LazyStore
from photoseek.store.registry import engine_of

_Result = EncodedPhoto | UnchangedPhoto | Skip


class RemoteEncoder:
    """Encodes partitions, and writes of them what it can; one in each process of the cluster.

    Several partitions may be under way at once: while one is in the model, the photos of the next
    are fetched and decoded.
    """

    def __init__(self, order: WorkOrder, threads: int) -> None:
        """`threads` decode, unless the settings say how many. Nothing is loaded yet."""
        os.environ.update(order.access)
        settings = order.settings
        self._order = order
        self._store = LazyStore(settings.index, settings)
        decoding = settings.model_copy(
            update={"decode_threads": settings.decode_threads or threads}
        )
        self._encoder = build_encoder(
            decoding, roots=order.roots, on_demand=True, index=order.made_with
        )
        self._stored = StoredContents(order.asks) if order.asks else None
        self._batches = ThreadPoolExecutor(IN_FLIGHT, "batch")

    def identity(self) -> ModelIdentity:
        """The model that makes the vectors, which is loaded then.

        Raises:
            ModelError: it cannot be loaded.
        """
        _ = self._encoder.model.input_shape  # what is loaded for that, photos need
        return self._encoder.identity

    def index(self, partition: Partition) -> Encoded:
        """Encode photos, in batches as any other run, and write of them what the order says.

        Raises:
            StoreError, StorageError: it cannot be written.
        """
        size = self._order.settings.batch_size
        parts = [partition.part(at, at + size) for at in range(0, len(partition), size)]
        results = [each for batch in self._batches.map(self._encode, parts) for each in batch]
        outcomes = list(map(outcome_of, partition.photos, results))
        photos, unchanged = to_be_stored(results)
        if self._order.writes == "rows" and (photos or unchanged):
            described = [each.photo for each in unchanged]
            fields = self._order.settings.keyword_fields
            told = {each.photo.id: each.told for each in unchanged if each.told is not None}
            self._store.write_photos(photos, described, self.identity(), fields, told)
            photos, unchanged = [], []
        return Encoded(outcomes, photos, unchanged, self.identity())

    def _encode(self, part: Partition) -> Sequence[_Result]:
        results = self._encoder.encode(part.photos, part.known_hashes, part.keeps, self._stored)
        if self._order.writes != "blobs":
            return results
        settings = self._order.settings
        encoded = [each for each in results if isinstance(each, EncodedPhoto)]
        engine_of(settings.index, settings).blobs(settings.index).put(encoded)
        return [_without_pixels(each) for each in results]


def _without_pixels(result: _Result) -> _Result:
    if isinstance(result, EncodedPhoto):
        return replace(result, thumbnail=b"", original=b"")
    return result
