"""One index in an engine: how it is made, and what is noted at it.

A name is an alias for an index, NAME-000001 to begin with. So an index for another model can be
filled beside it and take its place in one step. Each index has an alias of its own besides, which
its writers use: what they write never comes to lie in another index, and none is made by a write.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from photoseek.errors import DamagedStoreError, StoreError, StoreVersionError
from photoseek.records import ModelIdentity
from photoseek.store.elastic.engine_address import EngineAddress
from photoseek.store.elastic.engine_dialects import ENGINES, Engine
from photoseek.store.elastic.engine_errors import EngineError
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.elastic.index_documents import properties

FORMAT = 1
"""Raised when documents change so that an older photoseek could not read them."""

_NOTE = "photoseek"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How an index is spread over the nodes, and how much of their memory it takes."""

    shards: int = 1
    replicas: int = 0
    small_vectors: bool = False


@dataclass(frozen=True, slots=True)
class IndexNote:
    """What is noted at an index. `behind` says that documents have other words than it names, and
    `lacks` which fields of documents the index has no place for.
    """

    index: str
    model: ModelIdentity
    keyword_fields: tuple[str, ...] = ()
    behind: bool = False
    lacks: frozenset[str] = frozenset()

    def words(self, fields: Sequence[str], *, behind: bool) -> IndexNote:
        """The note with other fields that have keywords."""
        return replace(self, keyword_fields=tuple(fields), behind=behind)

    def json(self) -> dict[str, Any]:
        """The form in which it is noted; texts as JSON in ASCII, whatever they hold."""
        about = {
            "format": FORMAT,
            "model": json.dumps(self.model.name),
            "fingerprint": self.model.fingerprint,
            "dimensions": self.model.dimensions,
            "keyword_fields": json.dumps(self.keyword_fields),
            "behind": self.behind,
        }
        return {_NOTE: about}


def engine_at(http: EngineHttp) -> Engine:
    """The engine that answers, in its version.

    Raises:
        EngineError: none answers.
        StoreError: another product does, or one that is too old.
    """
    address = http.address
    answer = http.ask("GET", "/", once=True)
    about = answer.get("version") if isinstance(answer, dict) else None
    if not isinstance(about, dict) or "number" not in about:
        raise StoreError(
            f"What answers at {address.hosts[0]} is no {address.product}. Check the address."
        )
    dialect = "opensearch" if about.get("distribution") == "opensearch" else "elastic"
    if dialect != address.dialect:
        right = address.location.replace(address.dialect, dialect, 1)
        raise StoreError(f"This is another engine than the address says. Use --index {right}")
    major, minor = (int(part) for part in str(about["number"]).split(".")[:2])
    return ENGINES[address.dialect]((major, minor))


def note_of(http: EngineHttp, address: EngineAddress) -> IndexNote | None:
    """What is noted at the index that a name stands for, or that has it; None where nothing does.

    Raises:
        EngineError: the engine does not tell.
        DamagedStoreError: something else has that name.
        StoreVersionError: it was made by another photoseek.
    """
    found = http.ask("GET", f"/{address.name}/_mapping", missing=True)
    if found is None:
        return None
    index = _the_one(found, address)
    note = noted(found[index])
    if note is None:
        raise DamagedStoreError(
            f"{address.location} is an index that photoseek did not make. Choose another name "
            "with --index."
        )
    there = found[index]["mappings"].get("properties", {})
    lacks = frozenset(properties().keys() - there.keys())
    return replace(_read(index, note, address.location), lacks=lacks)


def noted(about: Any) -> Any:
    """What photoseek has noted at an index, of which this is the mapping; None for another's."""
    return about.get("mappings", {}).get("_meta", {}).get(_NOTE)


def stands_for(http: EngineHttp, address: EngineAddress) -> tuple[str, Collection[str]]:
    """The index that a name stands for, and all aliases of that; the name itself where it is that
    of an index.

    Raises:
        EngineError: it is gone, or the engine does not tell.
        DamagedStoreError: it stands for several.
    """
    found = http.ask("GET", f"/{address.name}/_alias", missing=True)
    if found is None:
        raise EngineError("it is gone", status=404)
    index = _the_one(found, address)
    return index, found[index]["aliases"].keys()


def form_of(engine: Engine, index: str, model: ModelIdentity, sizes: Sizes) -> dict[str, Any]:
    """The settings and mappings of an index for the vectors of a model."""
    vectors = engine.field(model.dimensions, small=sizes.small_vectors)
    return {
        "settings": {
            "number_of_shards": sizes.shards,
            "number_of_replicas": sizes.replicas,
            "refresh_interval": "1s",  # else an index that nobody asks for a while falls asleep
            **engine.settings,
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": IndexNote(index, model).json(),
            "properties": properties() | {"vector": vectors},
        },
    }


def make_first(
    http: EngineHttp, address: EngineAddress, engine: Engine, model: ModelIdentity, sizes: Sizes
) -> None:
    """Make an empty index with a name; one that another process makes meanwhile is fine."""
    index = f"{address.name}-000001"
    form = form_of(engine, index, model, sizes)
    put_template(http, address.name, form)
    try:
        make(http, index, form, address.name)
    except EngineError as error:
        if "already_exists" not in str(error):
            raise
        if note_of(http, address) is None:
            raise StoreError(
                f"There is an index {index} at {address.location}, and no alias {address.name} "
                "stands for it. Make that alias, remove the index, or choose another name with "
                "--index."
            ) from error


def make(http: EngineHttp, index: str, form: dict[str, Any], *names: str) -> None:
    """Make an empty index, which these names stand for."""
    http.ask("PUT", f"/{index}", form | {"aliases": {name: {} for name in names}})


def put_template(http: EngineHttp, name: str, form: dict[str, Any]) -> None:
    """Have an index of that name that an operator makes, and fills by `_reindex`, be of that form.

    A key that may make no templates can do without: photoseek tells each index all by itself.
    """
    template = {"index_patterns": [f"{name}-0*"], "priority": 200, "template": form}
    with suppress(EngineError):
        http.ask("PUT", f"/_index_template/{template_of(name)}", template)


def alias_of_writers(http: EngineHttp, index: str) -> str | None:
    """The alias that writers of an index use, made where it has none; None where it cannot be."""
    alias = f"{index}-writers"
    for there in http.ask("GET", f"/{index}/_alias")[index]["aliases"]:
        if there == alias or there.startswith(f"{alias}-"):
            return str(there)
    try:
        http.ask("PUT", f"/{index}/_alias/{alias}")
    except EngineError as error:
        if error.unreachable and error.status != 403:
            raise
        return None  # the key may not change the index
    return alias


def renew_alias_of_writers(http: EngineHttp, index: str) -> None:
    """Have writers of an index use another alias, which those who have it open do not know."""
    alias = f"{index}-writers"
    actions = [
        {"remove": {"index": index, "alias": f"{alias}*"}},
        {"add": {"index": index, "alias": f"{alias}-{uuid.uuid4().hex[:8]}"}},
    ]
    http.ask("POST", "/_aliases", {"actions": actions})


def template_of(name: str) -> str:
    """What the template is called that indexes of a name are made by."""
    return f"photoseek-{name}"


def switch(http: EngineHttp, name: str, index: str) -> str | None:
    """Let a name stand for another index, in one step. Returns the index that it stood for."""
    # Not of all indexes: a key may not see those of others.
    found = http.ask("GET", f"/{name}/_alias/{name}", missing=True) or {}
    actions = [{"remove": {"index": each, "alias": name}} for each in found if each != index]
    added = {"add": {"index": index, "alias": name}}
    http.ask("POST", "/_aliases", {"actions": [*actions, added]})
    return next(iter(found), None)


def add_fields(http: EngineHttp, note: IndexNote) -> None:
    """Have an index that an earlier photoseek made take the fields that came since.

    Photos that are there have nothing in them until they are written again. With a key that may
    not change an index, nothing is found by them.
    """
    missing = {name: form for name, form in properties().items() if name in note.lacks}
    if missing:
        with suppress(EngineError):
            http.ask("PUT", f"/{note.index}/_mapping", {"properties": missing})


def write_note(http: EngineHttp, note: IndexNote) -> None:
    """Note something else at an index."""
    http.ask("PUT", f"/{note.index}/_mapping", {"_meta": note.json()})


def _the_one(found: dict[str, Any], address: EngineAddress) -> str:
    if len(found) != 1:
        raise DamagedStoreError(
            f"The name {address.name} stands for {len(found)} indexes at {address.location}: "
            f"{', '.join(sorted(found))}. Let it stand for one, or choose another --index."
        )
    return next(iter(found))


def _read(index: str, note: Any, location: str) -> IndexNote:
    try:
        written = int(note["format"])
        if written != FORMAT:
            raise StoreVersionError(
                f"The index at {location} has format {written}; this photoseek reads format "
                f"{FORMAT}. Upgrade photoseek, or choose another --index."
            )
        model = ModelIdentity(
            json.loads(note["model"]), str(note["fingerprint"]), int(note["dimensions"])
        )
        fields = tuple(map(str, json.loads(note["keyword_fields"])))
        return IndexNote(index, model, fields, bool(note["behind"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedStoreError(
            f"What photoseek noted at the index {index} of {location} cannot be read. "
            "Restore it from a snapshot, or choose another --index."
        ) from error
