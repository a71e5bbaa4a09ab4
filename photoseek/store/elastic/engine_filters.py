"""Filters as clauses of the query language that Elasticsearch and OpenSearch share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from photoseek.records import AllOf, AnyOf, Condition, Filter, Not
from photoseek.store.elastic.engine_texts import pair, term
from photoseek.store.fields import METADATA, Field, field_named
from photoseek.store.filters import checked
from photoseek.store.kinds import Date, Labels, Number, spelled, values_of
from photoseek.store.moments import Moment, Span, spans_of

Clause = dict[str, Any]

ALL: Clause = {"match_all": {}}
_NONE: Clause = {"match_none": {}}
_LARGEST = 2**62  # more than any picture has, and what a long takes
_LAST = "~"  # after all that a date may go on with
_COMPUTED = {"pixels": "doc['width'].value * doc['height'].value"}
"""Numbers that no document has, as scripts: so documents of earlier versions have them too."""
_RANGES = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


def clause_of(where: Sequence[Filter]) -> Clause:
    """One clause for all filters.

    Raises:
        QueryError: for filters that make no sense.
    """
    return _every([_clause(each) for each in checked(where)])


def keys_field(field: Field) -> str:
    """The field of a document that holds what labels are compared by."""
    return f"{field.name}_keys"


def one_of(name: str, values: Iterable[str]) -> Clause:
    """A clause that holds where a keyword is one of the values."""
    return {"terms": {name: list(values)}}


def without(clause: Clause) -> Clause:
    """The clause that holds where this one does not."""
    return {"bool": {"must_not": [clause]}}


def sorted_by(name: str, order: str) -> Clause:
    """What sorts by a field."""
    if script := _COMPUTED.get(name):
        return {"_script": {"type": "number", "script": {"source": script}, "order": order}}
    return {name: order}


def is_computed(name: str) -> bool:
    """Whether documents have no such field."""
    return name in _COMPUTED


def both(one: Clause, other: Clause) -> Clause:
    """The clause that holds where both hold; neither counts for relevance."""
    return _every([one, other])


def _every(clauses: Sequence[Clause]) -> Clause:
    needed = [each for each in clauses if each != ALL]
    if len(needed) == 1:
        return needed[0]
    return {"bool": {"filter": needed}} if needed else ALL


def _any(clauses: Sequence[Clause]) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}} if clauses else _NONE


def _clause(each: Filter) -> Clause:
    match each:
        case Condition():
            return _condition(each)
        case Not(inner):
            return without(_clause(inner))
        case AllOf(filters):
            return _every([_clause(inner) for inner in filters])
        case AnyOf(filters):
            return _any([_clause(inner) for inner in filters])


def _condition(condition: Condition) -> Clause:
    field = field_named(condition.field)
    if isinstance(field.kind, Number):
        return _number(condition)
    if isinstance(field.kind, Moment):
        within = _any([_within(field.name, span) for span in spans_of(condition)])
        return without(within) if condition.operator == "!=" else within
    if isinstance(field.kind, Date):
        return _date(field, condition)
    has_one = _has_one(field, field.kind.asked(condition))
    return without(has_one) if condition.operator == "!=" else has_one


def _number(condition: Condition) -> Clause:
    value = max(-_LARGEST, min(_LARGEST, int(*values_of(condition))))
    if script := _COMPUTED.get(condition.field):
        sign = "==" if condition.operator == "=" else condition.operator
        source = f"{script} {sign} params.value"
        return {"script": {"script": {"source": source, "params": {"value": value}}}}
    if comparison := _RANGES.get(condition.operator):
        return {"range": {condition.field: {comparison: value}}}
    equal: Clause = {"term": {condition.field: value}}
    return without(equal) if condition.operator == "!=" else equal


def _within(name: str, span: Span) -> Clause:
    bounds = {"gte": span.first, "lt": span.end}
    return {"range": {name: {sign: time for sign, time in bounds.items() if time is not None}}}


def _date(field: Field, condition: Condition) -> Clause:
    spans = [_span(field.name, condition.operator, value) for value in values_of(condition)]
    return _every([without({"term": {field.name: ""}}), _any(spans)])


def _span(name: str, operator: str, value: str) -> Clause:
    """Where a date compares so with all that begins like the value."""
    begins, ends = value, value + _LAST
    if operator in ("=", "in", "!="):
        within: Clause = {"range": {name: {"gte": begins, "lt": ends}}}
        return without(within) if operator == "!=" else within
    bounds = {"<": ("lt", begins), "<=": ("lt", ends), ">": ("gte", ends), ">=": ("gte", begins)}
    comparison, bound = bounds[operator]
    return {"range": {name: {comparison: bound}}}


def _has_one(field: Field, values: Sequence[str]) -> Clause:
    if field.name.startswith(METADATA):
        return _own(field.name.removeprefix(METADATA), spelled(values))
    if isinstance(field.kind, Labels):
        return one_of(keys_field(field), (term(field.kind.key(value)) for value in values))
    return one_of(field.name, map(term, spelled(values)))


def _own(name: str, values: Sequence[str]) -> Clause:
    """Where the column of a manifest has one of the values; to have none is to have ""."""
    clauses = [one_of("pairs", (pair(name, value) for value in values if value))]
    if "" in values:
        clauses.append(without({"term": {"columns": term(name)}}))
    return _any(clauses)
