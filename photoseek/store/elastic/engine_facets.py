"""Facets by terms aggregations: exact counts, over all shards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from photoseek.records import Facets
from photoseek.store.elastic.engine_filters import ALL, Clause, keys_field
from photoseek.store.elastic.engine_queries import EngineQueries
from photoseek.store.elastic.engine_texts import (
    COLUMN,
    GROUP,
    column_group,
    is_cut,
    label_group,
)
from photoseek.store.elastic.index_documents import labels_field, year_field
from photoseek.store.escaping import from_text
from photoseek.store.facets import facets_of
from photoseek.store.fields import FACETS, Field
from photoseek.store.kinds import Date, Labels
from photoseek.store.own_columns import (
    LONGEST,
    MOST_COLUMNS,
    MOST_FACETS,
    MOST_VALUES,
    OwnColumns,
)

_ALL_VALUES = 10_000
_COLUMNS_AT_ONCE = 50
_MOST_OF_A_SHARD = 60_000  # an engine makes 65,536 buckets at most
_SPELLINGS = 1_000
_MOST_LABELS = 60  # what asks for their spellings has 1,000 characters at most
_TOO_LONG = "x" * (LONGEST + 1)


class EngineFacets:
    """What is counted of one index."""

    def __init__(self, queries: EngineQueries) -> None:
        self._queries = queries

    def facets(self, where: Clause) -> Facets:
        """How many of the photos have each value."""
        total, found = self._counted(where, {each.facet: _terms(each) for each in FACETS})
        if not total:
            return Facets()
        own = self._facet_columns()
        labels = [each for each in FACETS if isinstance(each.kind, Labels) and found[each.facet]]
        spelled = {each.facet: _spellings(each, found[each.facet]) for each in labels}
        values = {f"own {name}": _values(name) for name in own}
        _, more = self._counted(where, spelled | values)
        counted: list[tuple[Field, Mapping[str, int]]] = [
            (each, _read(more.get(each.facet, found[each.facet]), GROUP * (each in labels)))
            for each in FACETS
        ]
        columns = OwnColumns()
        for name in own:
            columns.add(name, 0, _own_values(more[f"own {name}"]))
        return facets_of(total, (*counted, *columns.counted(own)))

    def columns(self) -> dict[str, int]:
        """Columns of users' own manifests, with the photos that have each: those of most first."""
        spec = _top("columns", MOST_COLUMNS)
        del spec["exclude"]
        _, found = self._counted(ALL, {"columns": spec})
        counts = ((from_text(name), count) for name, count in found["columns"].items())
        return dict(sorted(counts, key=lambda counted: (-counted[1], counted[0])))

    def _facet_columns(self) -> tuple[str, ...]:
        """The columns that make facets of the whole index."""
        names = [(name, photos) for name, photos in self.columns().items() if photos > 1]
        own = OwnColumns()
        for start in range(0, len(names), _COLUMNS_AT_ONCE):
            some = names[start : start + _COLUMNS_AT_ONCE]
            _, found = self._counted(ALL, {name: _values(name) for name, _ in some})
            for name, photos in some:
                own.add(name, photos, _own_values(found[name]))
            if len(own.facets()) >= MOST_FACETS:
                break
        return own.facets()

    def _counted(
        self, where: Clause, specs: Mapping[str, Any]
    ) -> tuple[int, dict[str, dict[str, int]]]:
        """The photos, and how many have each of the values that some specifications ask for.

        Each shard gives its most frequent values only: more of them, until no count can be wrong.
        """
        names = dict(enumerate(specs))
        of_shard = 1
        while True:
            aggs = {
                str(number): {"terms": specs[name] | {"shard_size": _shard(specs[name], of_shard)}}
                for number, name in names.items()
            }
            answer = self._queries.ask(
                {"query": where, "size": 0, "track_total_hits": True, "aggs": aggs}
                if aggs
                else {"query": where, "size": 0, "track_total_hits": True}
            )
            found = answer.get("aggregations", {})
            is_exact = not any(each["doc_count_error_upper_bound"] for each in found.values())
            if is_exact or _shard({"size": 1}, of_shard) == _MOST_OF_A_SHARD:
                break
            of_shard *= 8
        counts = {
            name: {each["key"]: each["doc_count"] for each in found[str(number)]["buckets"]}
            for number, name in names.items()
        }
        return answer["hits"]["total"]["value"], counts


def _shard(spec: Mapping[str, Any], times: int) -> int:
    return int(min(_MOST_OF_A_SHARD, (2 * spec["size"] + 50) * times))


def _top(field: str, size: int) -> dict[str, Any]:
    order = [{"_count": "desc"}, {"_key": "asc"}]
    return {"field": field, "size": size, "order": order, "exclude": [""]}


def _terms(field: Field) -> dict[str, Any]:
    size = field.most or _ALL_VALUES
    if isinstance(field.kind, Labels):
        spec = _top(keys_field(field), min(field.most or _MOST_LABELS, _MOST_LABELS))
        if like := field.kind.counted_like:  # which the empty text does not fit
            del spec["exclude"]
            spec["include"] = like
        return spec
    return _top(year_field(field) if isinstance(field.kind, Date) else field.name, size)


def _spellings(field: Field, keys: Iterable[str]) -> dict[str, Any]:
    """What asks for all spellings of labels with these keys."""
    return _beginning(labels_field(field), [label_group(from_text(key)) for key in keys])


def _values(name: str) -> dict[str, Any]:
    """What asks for the values in a column of a manifest: one more than a facet has at most."""
    return _beginning("pairs", [column_group(name)]) | {"size": MOST_VALUES + 1}


def _beginning(field: str, groups: Sequence[str]) -> dict[str, Any]:
    spec = _top(field, _SPELLINGS)
    del spec["exclude"]
    return spec | {"include": f"({'|'.join(groups)}).*"}


def _read(counts: Mapping[str, int], skip: int) -> dict[str, int]:
    return {from_text(text[skip:]): count for text, count in counts.items()}


def _own_values(counts: Mapping[str, int]) -> dict[str, int]:
    return {
        _TOO_LONG if is_cut(text) else from_text(text[COLUMN:]): count
        for text, count in counts.items()
    }
