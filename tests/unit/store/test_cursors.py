"""Orders and places in lists, as people and programs write them."""

from __future__ import annotations

import pytest

from photoseek.errors import QueryError
from photoseek.records import Place, Sort
from photoseek.store.sorting import NEWEST, Cursor, cursor_of, sort_of, sort_text


def test_an_order_is_read_as_it_is_written() -> None:
    assert sort_of("") is sort_of(None) is None
    assert sort_of("taken") == sort_of("taken:desc") == Sort("taken")
    assert sort_of(" pixels:asc") == sort_of(Sort("pixels", ascending=True))
    for sort in (None, NEWEST, Sort("width", ascending=True)):
        assert sort_of(sort_text(sort)) == sort


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("takne", "Did you mean taken?"),
        ("tags", "cannot be sorted by 'tags'"),
        ("taken:up", "after the colon stands asc or desc. Write taken:asc"),
        ("x" * 9_000, "There are width, height, pixels, taken, indexed_at"),
    ],
)
def test_what_is_no_order_is_told(asked: str, told: str) -> None:
    with pytest.raises(QueryError) as error:
        sort_of(asked)
    assert told in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("photo_id", ["p1", "a b/c?&#+", "\udc80\0é", "x" * 1_000])
def test_a_cursor_leads_to_its_place(photo_id: str) -> None:
    for sort, value in ((NEWEST, 1_764_000_000_000_000), (Sort("taken"), "2024-05-01T12:30:00")):
        cursor = Cursor(sort, Place(value, photo_id), 40)
        assert cursor_of(cursor.text(), sort) == cursor
        assert cursor.text().isascii()


def test_what_is_no_cursor_of_this_list_is_refused() -> None:
    sort = Sort("taken", ascending=True)
    good = Cursor(sort, Place("2024", "p1"), 40).text()
    others = [
        Cursor(Sort("taken"), Place("2024", "p1"), 40).text(),
        Cursor(sort, Place(2024, "p1"), 40).text(),
        Cursor(sort, Place("2024", "p1"), -1).text(),
    ]
    for text in (*others, good[:-4], "", "*", "é", "W10=", "[" * 9_000, "bnVsbA=="):
        with pytest.raises(QueryError, match="leads to no page of this list"):
            cursor_of(text, sort)
