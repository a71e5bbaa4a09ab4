"""The engine behind `elastic+http://` and its like: where an index is, making one, opening one."""

from __future__ import annotations

from threading import Lock

from typing_extensions import override

from photoseek.errors import StoreError
from photoseek.files.filestore import FileStore
from photoseek.records import ModelIdentity
from photoseek.store.base import PhotoStore
from photoseek.store.blob_place import BlobPlace
from photoseek.store.blobs import Blobs
from photoseek.store.elastic import engine_index
from photoseek.store.elastic.engine_address import address_of
from photoseek.store.elastic.engine_dialects import Engine
from photoseek.store.elastic.engine_errors import reading, writing
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.engine_access import Access, access_of, settings_of
from photoseek.store.index_errors import no_index
from photoseek.store.store_engine import StoreEngine


class ElasticEngine(StoreEngine):
    """Indexes in Elasticsearch and OpenSearch."""

    def __init__(self) -> None:
        self._connections: dict[tuple[str, Access], EngineHttp] = {}
        self._engines: dict[str, Engine] = {}
        self._lock = Lock()

    @override
    def canonical(self, location: str) -> str:
        return address_of(location).location

    @override
    def peek_model(self, location: str) -> ModelIdentity | None:
        http = self._connection(location)
        with reading(http.address.location):
            self._engine(http)
            note = engine_index.note_of(http, http.address)
        return note.model if note else None

    @override
    def create(self, location: str, model: ModelIdentity) -> None:
        http = self._connection(location)
        settings = settings_of(http.address.location)
        sizes = engine_index.Sizes(
            settings.engine_shards, settings.engine_replicas, settings.engine_vectors == "small"
        )
        with writing(http.address.location):
            engine_index.make(http, http.address, self._engine(http), model, sizes)

    @override
    def open(self, location: str) -> PhotoStore:
        from photoseek.store.elastic.engine_store import EngineStore

        http = self._connection(location)
        with reading(http.address.location):
            engine = self._engine(http)
            note = engine_index.note_of(http, http.address)
            if note is None:
                raise no_index(http.address.location)
            engine_index.add_fields(http, note.index)
            place = self._place(location)
            place.join(note.index)
        return EngineStore(http, engine, note, place)

    def switch(self, location: str, target: str) -> str | None:
        """`NamingEngine.switch`: both are names of one engine."""
        http, other = self._connection(location), address_of(target)
        if other.server != http.address.server:
            raise StoreError(
                f"{other.location} is not at {http.address.server}. Only an index of the same "
                "engine can get that name; name the nodes in both in the same way."
            )
        with writing(http.address.location):
            self._engine(http)
            engine_index.note_of(http, http.address)  # refuses a name that something else has
            note = engine_index.note_of(http, other, or_index=True)
            if note is None:
                raise no_index(other.location)
            before = engine_index.switch(http, http.address.name, note.index)
        return f"{http.address.server}/{before}" if before else None

    @override
    def blobs(self, location: str) -> Blobs:
        return self._place(location).blobs

    @override
    def run_state(self, location: str) -> FileStore | None:
        return None

    def _connection(self, location: str) -> EngineHttp:
        address = address_of(location)
        access = access_of(settings_of(address.location))
        with self._lock:
            wanted = address.location, access
            if wanted not in self._connections:
                self._connections[wanted] = EngineHttp(address, access)
            return self._connections[wanted]

    def _engine(self, http: EngineHttp) -> Engine:
        location = http.address.location
        if location not in self._engines:
            self._engines[location] = engine_index.engine_at(http)
        return self._engines[location]

    def _place(self, location: str) -> BlobPlace:
        address = address_of(location)
        return BlobPlace(address.server, settings_of(address.location).blobs)
