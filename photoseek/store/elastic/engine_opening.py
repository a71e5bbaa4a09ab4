"""The engine behind `elastic+http://` and its like: where an index is, making one, opening one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Lock

import httpx
from typing_extensions import override

from photoseek.errors import StoreError
from photoseek.files.filestore import FileStore
from photoseek.records import ModelIdentity
from photoseek.settings import EngineSettings
from photoseek.store.base import PhotoStore
from photoseek.store.blob_place import BlobPlace
from photoseek.store.blobs import Blobs
from photoseek.store.elastic import engine_index
from photoseek.store.elastic.engine_address import address_of
from photoseek.store.elastic.engine_dialects import Engine
from photoseek.store.elastic.engine_errors import reading, writing
from photoseek.store.elastic.engine_generations import EngineGenerations
from photoseek.store.elastic.engine_http import EngineHttp, client_with
from photoseek.store.elastic.engine_notes import EngineNotes
from photoseek.store.engine_access import Access, access_of
from photoseek.store.index_errors import no_index
from photoseek.store.naming import Generations
from photoseek.store.notes import Notes
from photoseek.store.numbered import itself
from photoseek.store.store_engine import StoreEngine


@dataclass(frozen=True, eq=False)
class ElasticEngine(StoreEngine):
    """Indexes in Elasticsearch and OpenSearch. Those with other settings share the connections."""

    _settings: EngineSettings = field(default_factory=EngineSettings)
    _connections: dict[tuple[str, Access], EngineHttp] = field(default_factory=dict)
    _clients: dict[tuple[str, Access], httpx.Client] = field(default_factory=dict)
    _engines: dict[str, Engine] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def configured(self, settings: EngineSettings) -> ElasticEngine:
        """`ConfiguredEngine.configured`."""
        return replace(self, _settings=settings)

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
        with writing(http.address.location):
            engine_index.make_first(http, http.address, self._engine(http), model, self._sizes)

    @override
    def open(self, location: str) -> PhotoStore:
        from photoseek.store.elastic.engine_store import EngineStore

        http = self._connection(location)
        with reading(http.address.location):
            engine = self._engine(http)
            note = engine_index.note_of(http, http.address)
            if note is None:
                raise no_index(http.address.location)
            engine_index.add_fields(http, note)
            alias = engine_index.alias_of_writers(http, note.index) or http.address.name
            place = self._place(location)
            place.join(note.index)
        standing = self._generations(http).standing(note.index)
        return EngineStore(http, engine, note, alias, place, standing)

    def switch(self, location: str, target: str) -> str | None:
        """`NamingEngine.switch`: both are names of one engine."""
        http, other = self._connection(location), address_of(target)
        if other.server != http.address.server:
            raise StoreError(
                f"{other.location} is not at {http.address.server}. Only an index of the same "
                "engine can get that name; name the nodes in both in the same way."
            )
        with writing(http.address.location):
            now = engine_index.note_of(http, http.address)  # refuses a name that another has
            note = engine_index.note_of(http, other)
            if note is None:
                raise no_index(other.location)
            if now and now.index == http.address.name:
                raise itself(http.address.location)
            if now and now.index != note.index:
                self._generations(http).note_before(now.index)
            before = engine_index.switch(http, http.address.name, note.index)
            self._keep_form(http, note)
        return f"{http.address.server}/{before}" if before else None

    def generations(self, location: str) -> Generations:
        """`ReindexingEngine.generations`: indexes with the numbers of a name."""
        http = self._connection(location)
        with reading(http.address.location):
            return self._generations(http).all()

    def begin(self, location: str, model: ModelIdentity) -> str:
        """`ReindexingEngine.begin`."""
        http = self._connection(location)
        with writing(http.address.location):
            there = self._generations(http)
            there.current()  # refuses what can stand for no other one
            index = there.take_next()
            form = engine_index.form_of(self._engine(http), index, model, self._sizes)
            engine_index.make(http, index, form)
            return there.location_of(index)

    def hold(self, location: str, until: float, instead_of: float | None = None) -> bool:
        """`ReindexingEngine.hold`."""
        http = self._connection(location)
        with writing(http.address.location):
            return self._generations(http).hold(until, instead_of)

    def switch_held(self, location: str, target: str, until: float) -> bool:
        """`ReindexingEngine.switch_held`."""
        http, other = self._connection(location), address_of(target)
        with writing(http.address.location):
            note = engine_index.note_of(http, other)
            if note is None or not self._generations(http).switch_held(note.index, until):
                return False
            self._keep_form(http, note)
        return True

    def fence(self, location: str, target: str) -> str:
        """`ReindexingEngine.fence`."""
        http = self._connection(location)
        with writing(http.address.location):
            there = self._generations(http)
            return there.location_of(there.fence(address_of(target).name))

    def claims(self, location: str) -> Notes:
        """`ReindexingEngine.claims`: in the engine."""
        return self._notes(self._connection(location))

    def drop(self, location: str, target: str) -> None:
        """`ReindexingEngine.drop`."""
        http = self._connection(location)
        with writing(http.address.location):
            http.ask("DELETE", f"/{address_of(target).name}", missing=True)
            self._place(location).note_leftovers()

    @override
    def blobs(self, location: str) -> Blobs:
        return self._place(location).blobs

    @override
    def run_state(self, location: str) -> FileStore | None:
        return None

    def _connection(self, location: str) -> EngineHttp:
        address = address_of(location)
        access = access_of(self._settings)
        with self._lock:
            wanted = address.location, access
            if wanted not in self._connections:
                server = address.server, access
                if server not in self._clients:
                    self._clients[server] = client_with(access)
                self._connections[wanted] = EngineHttp(address, self._clients[server])
            return self._connections[wanted]

    def _engine(self, http: EngineHttp) -> Engine:
        location = http.address.location
        if location not in self._engines:
            self._engines[location] = engine_index.engine_at(http)
        return self._engines[location]

    @property
    def _sizes(self) -> engine_index.Sizes:
        settings = self._settings
        is_small = settings.engine_vectors == "small"
        return engine_index.Sizes(settings.engine_shards, settings.engine_replicas, is_small)

    def _generations(self, http: EngineHttp) -> EngineGenerations:
        return EngineGenerations(http, self._notes(http))

    def _notes(self, http: EngineHttp) -> EngineNotes:
        return EngineNotes(http, self._settings.engine_replicas)

    def _keep_form(self, http: EngineHttp, note: engine_index.IndexNote) -> None:
        """Have indexes that are made by hand be of the form of the one in use."""
        form = engine_index.form_of(self._engine(http), note.index, note.model, self._sizes)
        engine_index.put_template(http, http.address.name, form)

    def _place(self, location: str) -> BlobPlace:
        return BlobPlace(address_of(location).server, self._settings.blobs)
