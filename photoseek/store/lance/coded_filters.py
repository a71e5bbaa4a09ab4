"""Which coded rows satisfy filters, told in memory where each condition is on a coded field.

Lance reads a column of all rows for it, each time. What it finds by `predicates` is found here too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photoseek.records import AllOf, AnyOf, Condition, Filter, Not
from photoseek.store.escaping import to_text
from photoseek.store.fields import field_named
from photoseek.store.kinds import Date, Kind, Labels, Number, Text, spelled, values_of
from photoseek.store.lance.coded import YEAR, Mask
from photoseek.store.lance.coded_rows import CodedRows
from photoseek.store.lance.facet_values import Values


def chosen(where: Sequence[Filter], rows: CodedRows) -> Mask | None:
    """Which rows satisfy all of the filters, which were checked; None where more must be known."""
    every = AllOf(tuple(where))
    return _chosen(every, rows) if _is_coded(every, rows) else None


def _is_coded(each: Filter, rows: CodedRows) -> bool:
    match each:
        case Condition():
            field = field_named(each.field)
            if isinstance(field.kind, Date) and any(len(t) > YEAR for t in values_of(each)):
                return False
            return field.name in rows.columns
        case Not(inner):
            return _is_coded(inner, rows)
        case AllOf(filters) | AnyOf(filters):
            return all(_is_coded(inner, rows) for inner in filters)


def _chosen(each: Filter, rows: CodedRows) -> Mask:
    match each:
        case Condition():
            kind = field_named(each.field).kind
            column = rows.columns[field_named(each.field).name]
            having = column.having(_fitting(each, kind, column.values))
            is_none_of = each.operator == "!=" and isinstance(kind, Text | Labels)
            return ~having if is_none_of else having
        case Not(inner):
            return ~_chosen(inner, rows)
        case AllOf(filters):
            kept = np.ones(len(rows.addresses), np.bool_)
            for inner in filters:
                kept &= _chosen(inner, rows)
            return kept
        case AnyOf(filters):
            kept = np.zeros(len(rows.addresses), np.bool_)
            for inner in filters:
                kept |= _chosen(inner, rows)
            return kept


def _fitting(condition: Condition, kind: Kind, values: Values) -> Mask:
    """Which of a column's values fit a condition; of texts and labels those that it names."""
    if isinstance(kind, Text | Labels):
        asked = kind.asked(condition)
        if isinstance(kind, Labels):
            return values.among(map(to_text, map(kind.key, asked)), by_key=True)
        return values.among(map(to_text, spelled(asked)))
    # A date is coded by its year, which was asked for; it holds as the whole date would.
    of = int if isinstance(kind, Number) else str
    return np.array([kind.holds(condition, of(each)) for each in values.array.to_pylist()], bool)
