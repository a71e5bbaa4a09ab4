"""What filters keep is told from coded rows as photos themselves tell it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from photoseek.records import AllOf, AnyOf, Condition, Filter, Not, Traits, Written
from photoseek.store import parse_filter
from photoseek.store.filters import check, matches
from photoseek.store.lance import coded_filters
from photoseek.store.lance.coded import coded
from photoseek.store.lance.coded_rows import CodedRows
from photoseek.store.lance.columns import CODED, coded_columns, column_values, new_columns
from photoseek.store.record_json import stored_of
from tests.support.stored_photos import encoded

TAGS = [(), ("Straße", "sea"), ("STRASSE",), ("e\u0301te\u0301", "\ud800"), ("ÉTÉ", "Sea"), ("İ",)]
PHOTOGRAPHERS = ["", "Ann", "ann", "\ufdd0d800", "\ud800", "gru\u0308n", "gr\u00fcn", "a'b"]
TAKEN = ["", "2023-12-31", "2024-05", "2024", "2025-01-01T00:00:00"]
HEIGHTS = [400, 1004, 3000]
FOLDERS = ["", "Travel/Italy", "travel/ITALY/Rome", "Home"]
RATINGS = ["", "-1", "1", "3", "5"]
PHOTOS = [
    replace(
        encoded(
            number,
            tags=TAGS[number % len(TAGS)],
            photographer=PHOTOGRAPHERS[number % len(PHOTOGRAPHERS)],
            folder=FOLDERS[number % len(FOLDERS)],
        ),
        height=HEIGHTS[number % len(HEIGHTS)],
        traits=Traits(
            colours=("red", "blue")[: number % 3],
            taken=TAKEN[number % len(TAKEN)],
            written=Written(rating=RATINGS[number // 7 % len(RATINGS)]),
        ),
    )
    for number in range(120)
]
STORED = [stored_of(each) for each in PHOTOS]
VALUES = column_values(STORED)
TABLE = pa.table({each.name: pa.array(VALUES[each.name], each.type) for each in new_columns()})

TOLD = (
    *("tags=strasse", "tags != STRASSE", "tags=straß", 'tags in ["\u00e9t\u00e9", "SEA"]'),
    *("tags=", "tags!=", 'tags="\\ud800"', "tags=i\u0307", "tags=i", 'tags in ["no", "\\ud800"]'),
    *("photographer=Ann", "photographer != Ann", "photographer=", "photographer!=", "licence="),
    *(
        'photographer in ["\\ud800", "a\'b", "gr\u00fcn"]',
        "licence != MIT",
        "photographer=\ufdd0d800",
    ),
    *("orientation=square", "orientation != square", 'orientation in ["portrait", "landscape"]'),
    *("taken=2024", "taken != 2024", "taken < 2024", "taken <= 2024", "taken > 2024"),
    *("taken >= 2024", 'taken in ["2023", "2025"]', "taken <= 9999", "colours != red"),
    *(
        "folder=Travel",
        "folder=TRAVEL\\Italy/",
        "folder != travel/italy",
        "folder=/",
        "suggested=x",
    ),
    *(
        "width=1004",
        "width != 1004",
        "height < 1004",
        "height <= 1004",
        "width > 1050",
        "height>=-1",
    ),
    *(f"width {sign} {'9' * 30}" for sign in ("=", "!=", "<", "<=", ">", ">=")),
    *("rating=3", "rating != 3", "rating < 3", "rating >= 1", "rating <= -1", "rating > 5"),
    *('rating in ["1", "5"]', "rating=", "width > 1050 AND tags=sea OR taken=2024"),
)
TREES: tuple[Filter, ...] = (
    Not(AllOf((Condition("tags", "=", "sea"), Condition("width", ">", 1050)))),
    Not(Condition("taken", "!=", "2024")),
    Not(Condition("photographer", "!=", "Ann")),
    AnyOf(()),
    AllOf(()),
    AnyOf((Not(AnyOf(())), Condition("tags", "=", "sea"))),
    Condition("rating", "in", (1, "3")),  # type: ignore[arg-type]
)
NOT_TOLD = (
    *("taken >= 2024-05", 'taken in ["2024", "2024-05"]', "caption=", "id=p00001", "project=a"),
    *("indexed_at >= 2020", "text=word", "pixels > 5", "width > 5 AND caption=a"),
    '{"not": {"any": [{"field": "caption", "op": "=", "value": "a"}]}}',
)


def rows_of(count: int) -> CodedRows:
    names = coded_columns(TABLE.column_names)
    columns = {field.name: coded(field, TABLE.slice(0, count)) for field in CODED}
    return CodedRows(1, names, np.arange(count, dtype=np.uint64), columns)


@pytest.fixture(scope="module")
def rows() -> CodedRows:
    return rows_of(len(STORED))


def test_filters_are_told_from_coded_rows_as_from_photos(rows: CodedRows) -> None:
    wheres = [*((parse_filter(text),) for text in TOLD), *((each,) for each in TREES), TREES[:3]]
    kept = []
    for where in wheres:
        check(where)
        mask = coded_filters.chosen(where, rows)
        assert mask is not None, where
        assert mask.tolist() == [matches(where, each) for each in STORED], where
        kept.append(np.count_nonzero(mask))
    assert sum(0 < each < len(STORED) for each in kept) > len(kept) // 2


@pytest.mark.parametrize("text", NOT_TOLD)
def test_what_coded_rows_do_not_tell_is_left_to_others(text: str, rows: CodedRows) -> None:
    assert coded_filters.chosen([parse_filter(text)], rows) is None


def test_a_field_that_the_table_lacks_is_left_to_others(rows: CodedRows) -> None:
    columns = {name: each for name, each in rows.columns.items() if name != "rating"}
    lacking = replace(rows, columns=columns)
    assert coded_filters.chosen([parse_filter("rating=3")], lacking) is None


def test_of_no_rows_none_is_chosen() -> None:
    for text in ("tags=sea", "tags!=sea", "width > 5", "photographer=Ann", "taken=2024"):
        mask = coded_filters.chosen([parse_filter(text)], rows_of(0))
        assert mask is not None
        assert mask.tolist() == []


def test_rows_that_come_later_are_told_as_well() -> None:
    few, count = rows_of(30), len(STORED)
    later = {field.name: coded(field, TABLE.slice(30)) for field in CODED}
    joined = {name: each.joined(later[name]) for name, each in few.columns.items()}
    both = CodedRows(2, few.names, np.arange(count, dtype=np.uint64), joined)
    for where in ((parse_filter(text),) for text in TOLD):
        mask = coded_filters.chosen(where, both)
        assert mask is not None
        assert mask.tolist() == [matches(where, each) for each in STORED], where
