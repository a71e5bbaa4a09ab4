"""The engine on Milvus: where an index is, making an empty one, opening one."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field, replace
from typing import Any

from typing_extensions import override

from photoseek.errors import StoreError
from photoseek.files.filestore import FileStore
from photoseek.records import ModelIdentity
from photoseek.settings import EngineSettings
from photoseek.store.base import PhotoStore
from photoseek.store.blob_place import BlobPlace
from photoseek.store.blobs import Blobs
from photoseek.store.engine_access import Access, access_of
from photoseek.store.index_errors import no_index
from photoseek.store.milvus.milvus_address import Address, address_of
from photoseek.store.milvus.milvus_collection import MilvusCollection
from photoseek.store.milvus.milvus_generations import REINDEXES, MilvusGenerations
from photoseek.store.milvus.milvus_keywords import KeywordFields
from photoseek.store.milvus.milvus_naming import first_collection
from photoseek.store.milvus.milvus_rows import add_columns, model_of, properties_of
from photoseek.store.milvus.milvus_server import (
    SESSION,
    MilvusError,
    MilvusServer,
    reading,
    writing,
)
from photoseek.store.naming import Generations
from photoseek.store.notes import Notes
from photoseek.store.numbered import itself
from photoseek.store.store_engine import StoreEngine

_FAST = "HNSW", {"M": 16, "efConstruction": 200}
_SMALL = "IVF_SQ8", {"nlist": 1_024}
"""Lists are those of one segment, which holds some hundred thousand vectors at most."""


@dataclass(frozen=True, eq=False)
class MilvusEngine(StoreEngine):
    """Indexes in collections of Milvus servers. Those with other settings share the connections.

    A name is an alias of a collection, NAME_000001 to begin with, or a collection itself.
    """

    _settings: EngineSettings = field(default_factory=EngineSettings)
    _servers: dict[tuple[int, str, Access], MilvusServer] = field(default_factory=dict)
    _connecting: threading.Lock = field(default_factory=threading.Lock)

    def configured(self, settings: EngineSettings) -> MilvusEngine:
        """`ConfiguredEngine.configured`."""
        return replace(self, _settings=settings)

    @override
    def canonical(self, location: str) -> str:
        return address_of(location).location

    @override
    def peek_model(self, location: str) -> ModelIdentity | None:
        address = address_of(location)
        with reading(address.location):
            described = self._described(address)
        return model_of(described["properties"], address.location) if described else None

    @override
    def create(self, location: str, model: ModelIdentity) -> None:
        address = address_of(location)
        collection = first_collection(address.collection)
        with writing(address.location):
            try:
                self._make(address, collection, model)
                self._server(address).writes("create_alias", collection, address.collection)
            except MilvusError:
                if not self._described(address):
                    raise  # no other process was quicker

    @override
    def open(self, location: str) -> PhotoStore:
        from photoseek.store.milvus.milvus_store import MilvusStore

        address = address_of(location)
        with reading(address.location):
            described = self._described(address)
            if described is None:
                raise no_index(address.location)
            collection = described["collection_name"]
            server = self._server(address)
            server.reads("load_collection", collection)
            place = self._place(address)
            place.join(collection)
            notes = place.folder(f"notes/{collection}")
            notes.prepare()
        model = model_of(described["properties"], address.location)
        return MilvusStore(
            address,
            MilvusCollection(server, collection),
            model,
            place,
            KeywordFields(notes),
            MilvusGenerations(server, address, place).standing(collection),
            frozenset(field["name"] for field in described["fields"]),
        )

    def switch(self, location: str, target: str) -> str | None:
        """`NamingEngine.switch`: both are names of one server."""
        address, other = address_of(location), address_of(target)
        if other.server != address.server:
            raise StoreError(
                f"{other.location} is not at {address.server}. Only an index of the same server "
                "can get that name."
            )
        with writing(address.location):
            found, before = self._described(other), self._described(address)
            if found is None:
                raise no_index(other.location)
            model_of(found["properties"], other.location)  # refuses what something else has made
            server, collection = self._server(address), found["collection_name"]
            if before is None:
                server.writes("create_alias", collection, address.collection)
                return None
            stood_for = before["collection_name"]
            if stood_for == address.collection:
                raise itself(address.location)
            if stood_for != collection:
                self._generations(address).note_before(stood_for)
                server.writes("alter_alias", collection, address.collection)
        return replace(address, collection=stood_for).location

    def generations(self, location: str) -> Generations:
        """`ReindexingEngine.generations`: collections with the numbers of a name."""
        address = address_of(location)
        with reading(address.location):
            return self._generations(address).all()

    def begin(self, location: str, model: ModelIdentity) -> str:
        """`ReindexingEngine.begin`."""
        address = address_of(location)
        with writing(address.location):
            there = self._generations(address)
            there.current()  # refuses what can stand for no other one
            collection = there.take_next()
            there.note_target(collection)
            self._make(address, collection, model)
            return there.location_of(collection)

    def hold(self, location: str, until: float, instead_of: float | None = None) -> bool:
        """`ReindexingEngine.hold`."""
        address = address_of(location)
        with writing(address.location):
            return self._generations(address).hold(until, instead_of)

    def switch_held(self, location: str, target: str, until: float) -> bool:
        """`ReindexingEngine.switch_held`."""
        address = address_of(location)
        with writing(address.location):
            collection = address_of(target).collection
            return self._generations(address).switch_held(collection, until)

    def fence(self, location: str, target: str) -> str:
        """`ReindexingEngine.fence`."""
        address = address_of(location)
        with writing(address.location):
            there = self._generations(address)
            return there.location_of(there.fence(address_of(target).collection))

    def claims(self, location: str) -> Notes:
        """`ReindexingEngine.claims`: beside the note by which writers wait."""
        address = address_of(location)
        return self._place(address).folder(f"{REINDEXES}/{address.collection}")

    def drop(self, location: str, target: str) -> None:
        """`ReindexingEngine.drop`."""
        address = address_of(location)
        with writing(address.location):
            self._server(address).writes("drop_collection", address_of(target).collection)
            self._place(address).note_leftovers()

    @override
    def blobs(self, location: str) -> Blobs:
        return self._place(address_of(location)).blobs

    @override
    def run_state(self, location: str) -> FileStore | None:
        return None

    def _make(self, address: Address, collection: str, model: ModelIdentity) -> None:
        server, settings = self._server(address), self._settings
        schema = server.client.create_schema(auto_id=False, enable_dynamic_field=False)
        add_columns(schema, model.dimensions, has_words=server.has_bm25)
        server.writes(
            "create_collection",
            collection,
            schema=schema,
            num_shards=settings.engine_shards,
            index_params=_indexes(server, small=settings.engine_vectors == "small"),
            consistency_level=SESSION,
            properties=properties_of(model),
        )

    def _generations(self, address: Address) -> MilvusGenerations:
        return MilvusGenerations(self._server(address), address, self._place(address))

    def _place(self, address: Address) -> BlobPlace:
        return BlobPlace(address.server, self._settings.blobs)

    def _described(self, address: Address) -> dict[str, Any] | None:
        """What the server says of a collection, or None where there is none."""
        server = self._server(address)
        if not server.reads("has_collection", address.collection):
            return None
        found: dict[str, Any] = server.reads("describe_collection", address.collection)
        return found

    def _server(self, address: Address) -> MilvusServer:
        """The connection of this very process: none survives a fork."""
        access = access_of(self._settings)
        with self._connecting:
            wanted = os.getpid(), address.server, access
            if wanted not in self._servers:
                self._servers[wanted] = MilvusServer(address, access)
            return self._servers[wanted]


def _indexes(server: MilvusServer, *, small: bool) -> Any:
    indexes = server.client.prepare_index_params()
    kind, params = _SMALL if small else _FAST
    indexes.add_index("vector", index_type=kind, metric_type="COSINE", params=params)
    if server.has_bm25:
        indexes.add_index(
            "relevance",
            index_type="SPARSE_INVERTED_INDEX",
            metric_type="BM25",
            params={"bm25_k1": 1.2, "bm25_b": 0.75},
        )
    return indexes
