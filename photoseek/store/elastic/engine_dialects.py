"""Where Elasticsearch and OpenSearch differ: how vectors are kept and asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from photoseek.store.elastic.engine_address import Dialect
from photoseek.store.elastic.engine_filters import ALL, Clause
from photoseek.store.engine_access import Version, check_version

_NEIGHBOURS = 32
_CONSTRUCTION = 200
_RESCORES = (8, 18)
_OVERSAMPLE_BITS = 5
_CANDIDATES = 250
_CANDIDATES_OF_CODES = 2_500
_RANKED_AGAIN = 30  # hits at least: twice as many or more are compared by whole vectors
_FEW_RANKED = 1_000  # up to here five times as many
_MOST_HITS = 10_000
_LEAST_FOR_BITS = 64  # what Elasticsearch asks for


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How a search that goes on over many pages sees one state of an index: where it is asked for
    and closed, and what the id is called there.
    """

    path: str
    close: str
    member: str

    def closing(self, given: str) -> dict[str, Any]:
        """What closes one."""
        return {self.member: [given] if self.member == "pit_id" else given}


class Engine(ABC):
    """One dialect in one version. Scores of its answers are (1 + cosine) / 2."""

    oldest: Version
    name: str
    snapshot: Snapshot
    candidates = _CANDIDATES
    """Neighbours that each shard looks at: docs/stores.md has the recall that they give."""

    def __init__(self, version: Version) -> None:
        """Raises StoreVersionError for a version that lacks what is needed."""
        check_version(self.name, version, self.oldest)
        self.version = version

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of an index that this engine needs for vectors."""
        return {}

    @abstractmethod
    def field(self, dimensions: int, *, small: bool = False) -> dict[str, Any]:
        """The mapping of vectors; `small` ones take less memory and more time.

        Raises:
            StoreVersionError: this version has no small ones.
        """

    @abstractmethod
    def nearest(self, query: list[float], count: int, where: Clause) -> Any:
        """What to ask for the photos near to a vector, by the index; at most 10,000."""

    @abstractmethod
    def compared(self, query: list[float], where: Clause) -> Clause:
        """What to ask for the photos near to a vector, where each is compared with it."""


class Elasticsearch(Engine):
    """Elasticsearch 8.12 and later."""

    oldest = (8, 12)
    name = "Elasticsearch"
    snapshot = Snapshot("/_pit", "/_pit", "id")

    def __init__(self, version: Version) -> None:
        super().__init__(version)
        if version >= _RESCORES:
            self.candidates = _CANDIDATES_OF_CODES

    @override
    def field(self, dimensions: int, *, small: bool = False) -> dict[str, Any]:
        options: dict[str, Any] = {
            "type": "int8_hnsw",
            "m": _NEIGHBOURS,
            "ef_construction": _CONSTRUCTION,
        }
        if small:
            check_version(f"For small vectors {self.name}", self.version, _RESCORES)
        if self.version >= _RESCORES:
            # The index ranks by codes of 8 bits or 1; more hits are ranked again by the vectors.
            options["rescore_vector"] = {"oversample": _OVERSAMPLE_BITS if small else 2}
        if small and dimensions >= _LEAST_FOR_BITS:
            options["type"] = "bbq_hnsw"
        return {
            "type": "dense_vector",
            "dims": dimensions,
            "index": True,
            "similarity": "dot_product",
            "index_options": options,
        }

    @override
    def nearest(self, query: list[float], count: int, where: Clause) -> Any:
        asked: dict[str, Any] = {"field": "vector", "query_vector": query}
        ranked = max(count, _RANKED_AGAIN)
        if where != ALL or self.version < _RESCORES:
            # The engine multiplies both by what the index has as its oversample, 2 or 5.
            asked |= {"k": ranked, "num_candidates": max(count, _CANDIDATES)}
            return {"knn": asked if where == ALL else asked | {"filter": where}}
        again = max(2 * ranked, min(_OVERSAMPLE_BITS * ranked, _FEW_RANKED))
        asked["k"] = min(again, _MOST_HITS)
        asked["num_candidates"] = max(asked["k"], self.candidates)
        return {"knn": asked | {"rescore_vector": {"oversample": 1}}}

    @override
    def compared(self, query: list[float], where: Clause) -> Clause:
        # In float as the index has it, so that both give one score to the last digit.
        script = "(1.0f + (float) dotProduct(params.query, 'vector')) / 2.0f"
        return _scripted(f"Math.max(0.0f, {script})", query, where)


class OpenSearch(Engine):
    """OpenSearch 2.19 and later."""

    oldest = (2, 19)
    name = "OpenSearch"
    snapshot = Snapshot("/_search/point_in_time", "/_search/point_in_time", "pit_id")

    @property
    @override
    def settings(self) -> dict[str, Any]:
        # Vectors are not stored twice, and are there all the same for updates.
        return {"index.knn": True, "index.knn.derived_source.enabled": True}

    @override
    def field(self, dimensions: int, *, small: bool = False) -> dict[str, Any]:
        parameters: dict[str, Any] = {"m": _NEIGHBOURS, "ef_construction": _CONSTRUCTION}
        if small:
            parameters["encoder"] = {"name": "sq"}  # seven bits for each number
        return {
            "type": "knn_vector",
            "dimension": dimensions,
            "method": {
                "name": "hnsw",
                "engine": "lucene",
                "space_type": "cosinesimil",
                "parameters": parameters,
            },
        }

    @override
    def nearest(self, query: list[float], count: int, where: Clause) -> Any:
        asked: dict[str, Any] = {
            "vector": query,
            "k": count,
            "method_parameters": {"ef_search": max(count, self.candidates)},
        }
        if where != ALL:
            asked["filter"] = where
        return {"query": {"knn": {"vector": asked}}}

    @override
    def compared(self, query: list[float], where: Clause) -> Clause:
        script = "(1.0f + (float) cosineSimilarity(params.query, doc['vector'])) / 2.0f"
        return _scripted(f"Math.max(0.0f, {script})", query, where)


ENGINES: dict[Dialect, type[Engine]] = {"elastic": Elasticsearch, "opensearch": OpenSearch}


def _scripted(source: str, query: list[float], where: Clause) -> Clause:
    script = {"source": source, "params": {"query": query}}
    return {"script_score": {"query": where, "script": script}}
