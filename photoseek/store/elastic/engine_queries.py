"""What is asked of an index in an engine: photos in some order, page by page, or by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Sort, StoredPhoto, Vector
from photoseek.store.elastic.engine_dialects import Engine
from photoseek.store.elastic.engine_errors import EngineError
from photoseek.store.elastic.engine_filters import ALL, Clause, both, sorted_by
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.elastic.engine_texts import is_cut, term
from photoseek.store.elastic.index_documents import (
    SHOWN,
    VECTOR,
    document_id,
    photo_of_document,
    vector_of_document,
    wanted,
)
from photoseek.store.escaping import from_text
from photoseek.store.sorting import Part
from photoseek.store.validation import spread
from photoseek.store.word_forms import asked_words

WINDOW = 10_000
"""Hits that one answer has at most, by the settings that an index has when nobody changes them."""

_IDS_AT_ONCE = 1_000
_RECORDS_AT_ONCE = 200  # more are found by their ids first, as each record is long
_PAGE_OF_RECORDS = 1_000
_GROWTH = 8
_MOST_WORDS = 1_000  # an engine takes 1,024 clauses at least
_KEEP_ALIVE = "2m"
_MOST_LOST = 3  # snapshots in a row that were of no use
_IN_PART = "a part of the index did not answer"
_BY_ID = {"id": "asc"}
_OVER_ALL_SHARDS = {"search_type": "dfs_query_then_fetch"}
"""Relevance by the words of all shards, so that it does not depend on where a photo lies."""


class Page(NamedTuple):
    """Which of the photos in an order are wanted."""

    top_k: int
    offset: int = 0

    @property
    def end(self) -> int:
        """How many photos there are up to the last one that is wanted."""
        return self.offset + self.top_k


class EngineQueries:
    """Reads of one index. Each sees what was refreshed before it began; by id, all writes."""

    def __init__(self, http: EngineHttp, engine: Engine, index: str) -> None:
        self._http = http
        self._engine = engine
        self._index = index

    def nearest(
        self, query: Vector, page: Page, where: Clause, *, exact: bool
    ) -> list[tuple[float, StoredPhoto]]:
        """Photos with their cosine similarities, best first, equal ones by id."""
        vector = [float(f"{number:.9g}") for number in query.tolist()]
        limit = page.end + 1  # one more, to see whether equal ones stand on both sides of the end
        while limit <= WINDOW and not exact:
            hits = self._near(vector, limit, where)
            is_cut = len(hits) == limit and hits[page.end - 1]["_score"] == hits[-1]["_score"]
            if not is_cut:
                return self._scored(hits[page.offset : page.end])
            limit *= _GROWTH
        body = {"query": self._engine.compared(vector, where)}
        return self._scored(self.ordered(body, [{"_score": "desc"}, _BY_ID], page))

    def keywords(self, text: str, page: Page, where: Clause) -> list[StoredPhoto]:
        """Photos that have a word of the text, by BM25 over all shards, best first."""
        asked = list(dict.fromkeys(asked_words(text)))[:_MOST_WORDS]
        if not asked:
            return []
        match: Clause = {"match": {"words": {"query": " ".join(asked), "operator": "or"}}}
        query: Clause = match if where == ALL else {"bool": {"must": [match], "filter": [where]}}
        hits = self.ordered({"query": query}, [{"_score": "desc"}, _BY_ID], page)
        return [photo_of_document(hit["_source"]) for hit in hits]

    def listed(self, sort: Sort, part: Part, page: Page, where: Clause) -> list[StoredPhoto]:
        """Photos of a part of a list, in its order."""
        order: list[Any] = [_BY_ID]
        after: list[Any] = [term(part.after.id)] if part.after else []
        if part.is_known:
            order.insert(0, sorted_by(sort.field, "asc" if sort.ascending else "desc"))
            after = [part.after.value, *after] if part.after else []
        body = {"query": where, **({"search_after": after} if after else {})}
        return [photo_of_document(hit["_source"]) for hit in self.ordered(body, order, page)]

    def count(self, where: Clause) -> int:
        """How many photos there are."""
        return int(self._http.ask("POST", f"/{self._index}/_count", {"query": where})["count"])

    def documents(self, ids: Iterable[str], members: Sequence[str]) -> Iterator[tuple[str, Any]]:
        """The documents of those ids that are stored, with these members, as last written."""
        asked = list(dict.fromkeys(ids))
        for start in range(0, len(asked), _IDS_AT_ONCE):
            by_document = {document_id(each): each for each in asked[start : start + _IDS_AT_ONCE]}
            for document in self._documents(by_document, members):
                yield by_document[document["_id"]], document

    def ids(self, where: Clause = ALL, only: str = "") -> Iterator[list[str]]:
        """The ids of photos, some at a time, as the index is now; `only` as `scan` takes it."""
        body = {"query": where, "docvalue_fields": ["id"]}
        for hits in self.scan(body, [{"key": "asc"}], WINDOW, (), only=only):
            ids = {hit["_id"]: hit["fields"]["id"][0] for hit in hits}
            yield [from_text(each) for each in ids.values() if not is_cut(each)]
            cut = [key for key, each in ids.items() if is_cut(each)]
            for start in range(0, len(cut), _IDS_AT_ONCE):
                found = self._documents(cut[start : start + _IDS_AT_ONCE], SHOWN)
                yield [photo_of_document(each["_source"]).photo.id for each in found]

    def sample(self, count: int, dimensions: int) -> NDArray[np.float32]:
        """Vectors from all over the index; of a large one, those that come first by a hash."""
        total = self.count(ALL)
        by_hash = total > WINDOW
        order: list[Any] = [{"key": "asc"}] if by_hash else [{"indexed_at": "asc"}, _BY_ID]
        body = {"query": ALL, "sort": order, "size": min(WINDOW, count if by_hash else total)}
        if not body["size"]:
            return np.empty((0, dimensions), np.float32)
        hits = self._hits(body | {"_source": False})
        rows = spread(len(hits), count)
        ids = [hits[row]["_id"] for row in rows]
        found = {
            document["_id"]: vector_of_document(document["_source"])
            for start in range(0, len(ids), _IDS_AT_ONCE)
            for document in self._documents(ids[start : start + _IDS_AT_ONCE], VECTOR)
        }
        vectors = [found[each] for each in ids if each in found]
        return np.array(vectors, np.float32).reshape(len(vectors), dimensions)

    def used(self, index: str, hashes: Sequence[str], keeps: Sequence[str]) -> set[str] | None:
        """Those of the content hashes that a photo of an index has which keeps one of these things;
        None where that index is gone.
        """
        query = both({"terms": {"content_hash": list(hashes)}}, {"terms": {"keep": list(keeps)}})
        counted = {"terms": {"field": "content_hash", "size": len(hashes)}}
        body = {"query": query, "size": 0, "aggs": {"hashes": counted}}
        answer = self._answer(f"/{index}", body, missing=True)
        if answer is None:
            return None
        return {each["key"] for each in answer["aggregations"]["hashes"]["buckets"]}

    def ordered(self, body: dict[str, Any], sort: list[Any], page: Page) -> list[Any]:
        """The hits of a page in an order that has no ties, each with what `SHOWN` names."""
        if page.end <= WINDOW:
            asked = body | {"sort": sort, "from": page.offset, "size": page.top_k}
            return self._hits(asked | {"_source": wanted(SHOWN)}, _OVER_ALL_SHARDS)
        hits: list[Any] = []
        for some in self.scan(body, sort, _PAGE_OF_RECORDS, SHOWN, skip=page.offset):
            hits += some
            if len(hits) >= page.top_k:
                break
        return hits[: page.top_k]

    def scan(
        self,
        body: dict[str, Any],
        sort: list[Any],
        size: int,
        members: Sequence[str],
        *,
        skip: int = 0,
        only: str = "",
    ) -> Iterator[list[Any]]:
        """All hits in an order, some at a time, as the index is now, after the first `skip`.

        `only` is a preference for copies of shards, as an engine takes it.

        Where more time goes by from page to page than an engine waits, or it was started again
        meanwhile, the rest is as the index is by then.
        """
        snapshot = self._engine.snapshot
        given = self._snapshot(only)
        try:
            after: list[Any] | None = None
            lost = 0
            while True:
                at_once = min(skip, WINDOW) or size
                asked = body | {
                    "sort": sort,
                    "size": at_once,
                    "_source": wanted(members) if members and not skip else False,
                    "seq_no_primary_term": True,
                    "pit": {"id": given, "keep_alive": _KEEP_ALIVE},
                    **({"search_after": after} if after else {}),
                }
                answer = self._http.ask(
                    "POST", "/_search", asked, params=_OVER_ALL_SHARDS, missing=True
                )
                if answer is None or not _is_whole(answer):  # the engine has let go of it
                    if (lost := lost + 1) > _MOST_LOST:
                        raise EngineError(_IN_PART)
                    given = self._snapshot(only)
                    continue
                lost = 0
                given = answer.get("pit_id", given)
                hits = answer["hits"]["hits"]
                if skip:
                    skip -= len(hits)
                elif hits:
                    yield hits
                if len(hits) < at_once:
                    return
                after = hits[-1]["sort"]
        finally:
            self._http.ask("DELETE", snapshot.close, snapshot.closing(given), missing=True)

    def _snapshot(self, only: str) -> str:
        path = f"/{self._index}{self._engine.snapshot.path}"
        params = {"keep_alive": _KEEP_ALIVE} | ({"preference": only} if only else {})
        opened = self._http.ask("POST", path, params=params)
        return str(opened[self._engine.snapshot.member])

    def ask(self, body: dict[str, Any], more: Mapping[str, str] = MappingProxyType({})) -> Any:
        """The answer to a search, of all shards.

        Raises:
            EngineError: a shard did not answer.
        """
        return self._answer(f"/{self._index}", body, more)

    def _answer(
        self,
        index: str,
        body: dict[str, Any],
        more: Mapping[str, str] = MappingProxyType({}),
        *,
        missing: bool = False,
    ) -> Any:
        params = {"allow_partial_search_results": "false", **more}
        answer = self._http.ask("POST", f"{index}/_search", body, params=params, missing=missing)
        if answer is not None and not _is_whole(answer):
            raise EngineError(_IN_PART)
        return answer

    def _hits(
        self, body: dict[str, Any], more: Mapping[str, str] = MappingProxyType({})
    ) -> list[Any]:
        return list(self.ask(body | {"track_total_hits": False}, more)["hits"]["hits"])

    def _near(self, query: list[float], limit: int, where: Clause) -> list[Any]:
        source: Any = wanted(SHOWN) if limit <= _RECORDS_AT_ONCE else False
        asked = self._engine.nearest(query, limit, where)
        hits = self._hits(
            asked | {"size": limit, "_source": source, "docvalue_fields": ["id"]},
        )
        return sorted(hits, key=lambda hit: (-hit["_score"], hit["fields"]["id"][0]))

    def _scored(self, hits: Sequence[Any]) -> list[tuple[float, StoredPhoto]]:
        sources = {hit["_id"]: hit["_source"] for hit in hits if "_source" in hit}
        missing = [hit["_id"] for hit in hits if hit["_id"] not in sources]
        for start in range(0, len(missing), _IDS_AT_ONCE):
            found = self._documents(missing[start : start + _IDS_AT_ONCE], SHOWN)
            sources |= {each["_id"]: each["_source"] for each in found}
        return [
            (max(-1.0, min(1.0, 2 * hit["_score"] - 1)), photo_of_document(sources[hit["_id"]]))
            for hit in hits
            if hit["_id"] in sources  # else it was deleted meanwhile
        ]

    def _documents(self, ids: Iterable[str], members: Sequence[str]) -> list[Any]:
        asked = list(ids)
        if not asked:
            return []
        params = {f"_source_{name}": ",".join(some) for name, some in wanted(members).items()}
        answer = self._http.ask("POST", f"/{self._index}/_mget", {"ids": asked}, params=params)
        for each in answer["docs"]:
            if "error" in each:
                raise EngineError(f"a document cannot be read: {each['error'].get('reason')}")
        return [each for each in answer["docs"] if each["found"]]


def _is_whole(answer: Any) -> bool:
    return not (answer.get("timed_out") or answer["_shards"]["failed"])
