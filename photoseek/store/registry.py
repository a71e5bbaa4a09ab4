"""The engines of stores by the scheme of an index's location, and what can be asked of a location.

A location is a folder, s3://BUCKET/PREFIX, or SCHEME:... in the words of the engine with that
scheme. An engine of somebody else's is found by an entry point of the group `photoseek.stores`,
whose name is the scheme and whose object makes a `StoreEngine` when it is called. One that goes by
settings is a `ConfiguredEngine` as well.

Where `settings` are left out, an engine goes by those of the environment and `.env`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from photoseek.errors import StoreError
from photoseek.identity import same_vectors
from photoseek.records import ModelIdentity
from photoseek.store.blobs import BlobStore
from photoseek.store.index_errors import no_index, other_vectors
from photoseek.store.store_engine import ConfiguredEngine, StoreEngine

if TYPE_CHECKING:
    from photoseek.settings import EngineSettings
    from photoseek.store.base import PhotoStore

ENTRY_POINTS = "photoseek.stores"
FOLDER = ""
"""The scheme of a location that is a folder."""

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE | re.ASCII)  # one letter is a drive


def _lance() -> StoreEngine:
    from photoseek.store.lance.opening import LanceEngine

    return LanceEngine()


def _memory() -> StoreEngine:
    from photoseek.store.memory import MemoryEngine

    return MemoryEngine()


def _elastic() -> StoreEngine:
    from photoseek.store.elastic.engine_opening import ElasticEngine

    return ElasticEngine()


def _milvus() -> StoreEngine:
    from photoseek.store.milvus.milvus_engine import MilvusEngine

    return MilvusEngine()


_makers: dict[str, Callable[[], StoreEngine]] = {
    FOLDER: _lance,
    "s3": _lance,
    "memory": _memory,
    "elastic+http": _elastic,
    "elastic+https": _elastic,
    "opensearch+http": _elastic,
    "opensearch+https": _elastic,
    "milvus": _milvus,
    "milvus+https": _milvus,
}
_engines: dict[str, StoreEngine] = {}


def register_store(scheme: str, make: Callable[[], StoreEngine]) -> None:
    """Let an engine answer for the locations of a scheme; `make` is called when one is used."""
    _makers[scheme] = make
    _engines.pop(scheme, None)


def engine_of(location: str | Path, settings: EngineSettings | None = None) -> StoreEngine:
    """The engine that answers for a location, and goes by the settings.

    Raises:
        StoreError: the location has a scheme that no engine has.
    """
    engine = plain_engine(location)
    if not isinstance(engine, ConfiguredEngine):
        return engine
    if settings is None:
        from photoseek.settings import load_settings

        settings = load_settings()
    return engine.configured(settings)


def plain_engine(location: str | Path) -> StoreEngine:
    """The engine that answers for a location, for what no settings are needed for.

    Raises:
        StoreError: the location has a scheme that no engine has.
    """
    scheme = _scheme_of(location)
    if scheme not in _engines:
        _engines[scheme] = _maker(scheme, str(location))()
    return _engines[scheme]


def open_store(
    location: str | Path,
    model: ModelIdentity | None = None,
    settings: EngineSettings | None = None,
) -> PhotoStore:
    """The index at a location; given a model, an empty one where there is none.

    Raises:
        ModelMismatchError: it was made with another model.
        StoreVersionError: it has a format that this photoseek does not read.
        DamagedStoreError: something else is there, or it cannot be read.
        StoreWriteError: an empty one cannot be made.
        StoreError: there is none and no model is given, or the location makes no sense.
    """
    engine = engine_of(location, settings)
    if engine.peek_model(str(location)) is None:
        if model is None:
            raise no_index(engine.canonical(str(location)))
        engine.create(str(location), model)
    store = engine.open(str(location))
    if model is not None and not same_vectors(store.model, model):
        raise other_vectors(store.location, store.model, model)
    return store


def peek_model(
    location: str | Path, settings: EngineSettings | None = None
) -> ModelIdentity | None:
    """The model that an index was made with, or None where there is no index yet.

    Raises:
        StoreVersionError, DamagedStoreError, StoreError: as `open_store` does.
    """
    return engine_of(location, settings).peek_model(str(location))


def open_thumbnails(location: str | Path, settings: EngineSettings | None = None) -> BlobStore:
    """The thumbnails of an index by the content hashes of the photos, without opening the index.

    There may be no index yet. It takes a tenth of the time of `PhotoStore.thumbnail`, which must
    look the photo up.

    Raises:
        StoreError: for a location that no index can have.
    """
    return engine_of(location, settings).blobs(str(location)).thumbnails


def open_originals(location: str | Path, settings: EngineSettings | None = None) -> BlobStore:
    """The originals that an index keeps, as `open_thumbnails` gives its thumbnails."""
    return engine_of(location, settings).blobs(str(location)).originals


def canonical(location: str | Path) -> str:
    """The one spelling of a location, which may have no engine."""
    try:
        return plain_engine(location).canonical(str(location))
    except StoreError:
        return str(location)


def is_folder(location: str | Path) -> bool:
    """Whether an index lives in a folder of this machine."""
    return _scheme_of(location) == FOLDER


def is_in_engine(location: str | Path) -> bool:
    """Whether an index lives in an engine, where thumbnails and notes lie elsewhere."""
    return _scheme_of(location) not in (FOLDER, "s3")


def same_index(first: str | Path, second: str | Path) -> bool:
    """Whether both name the same place; links are followed."""
    return canonical(first) == canonical(second)


def _scheme_of(location: str | Path) -> str:
    """The scheme of a location, in lower case; a folder that is there may have any name."""
    found = None if isinstance(location, Path) else _SCHEME.match(location)
    if found is None:
        return FOLDER
    scheme = found[1].lower()
    is_url = str(location)[found.end() :].startswith("//")
    if not is_url and not _is_known(scheme) and Path(location).exists():
        return FOLDER
    return scheme


def _is_known(scheme: str) -> bool:
    return scheme in _makers or bool(entry_points(group=ENTRY_POINTS, name=scheme))


def _maker(scheme: str, location: str) -> Callable[[], StoreEngine]:
    if scheme in _makers:
        return _makers[scheme]
    for found in entry_points(group=ENTRY_POINTS, name=scheme):
        try:
            make: Callable[[], StoreEngine] = found.load()
        except (ImportError, AttributeError) as error:
            raise StoreError(
                f"The store for {scheme}: cannot be loaded from {found.value} ({error}). "
                "Install the package that offers it again, or choose another --index."
            ) from error
        return make
    raise StoreError(
        f"An index lives in a folder, at s3://BUCKET/PREFIX, or in an engine, such as "
        f"milvus://HOST:19530/photos or elastic+https://HOST:9200/photos; got {location}. A store "
        f"for {scheme}: may come with a package that is not installed. A folder of that name is "
        f"./{location}"
    )
