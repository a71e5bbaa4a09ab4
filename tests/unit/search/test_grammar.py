"""Queries as people write them, and back."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from photoseek.description_limits import clean
from photoseek.errors import QueryError
from photoseek.search.grammar import (
    MAX_PARTS,
    Kind,
    QueryPart,
    checked_part,
    parse_query,
    write_query,
)


def text(value: str, weight: float = 1) -> QueryPart:
    return QueryPart("text", value, weight)


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("", []),
        ("  \n", []),
        ("red car at night", [text("red car at night")]),
        (
            '"red car" + ./pool.jpg - "snow"',
            [text("red car"), QueryPart("image", "./pool.jpg"), text("snow", -1)],
        ),
        ('2:"golden retriever"', [text("golden retriever", 2)]),
        (".5:dog", [text("dog", 0.5)]),
        ("a dog + a cat - snow", [text("a dog"), text("a cat"), text("snow", -1)]),
        ('- "snow"', [text("snow", -1)]),
        ('-"snow" + dog', [text("snow", -1), text("dog")]),
        ("id:ab12 - 2:snow", [QueryPart("id", "ab12"), text("snow", -2)]),
        ('id:"holiday/a b.jpg"', [QueryPart("id", "holiday/a b.jpg")]),
        ('image:"my pool.jpg"', [QueryPart("image", "my pool.jpg")]),
        (r"C:\Users\Ann\my pool.jpg", [QueryPart("image", r"C:\Users\Ann\my pool.jpg")]),
        ("c:/pool.jpg", [QueryPart("image", "c:/pool.jpg")]),
        (r"\\server\share\x.jpg", [QueryPart("image", r"\\server\share\x.jpg")]),
        (r".\pool.jpg", [QueryPart("image", r".\pool.jpg")]),
        (r"..\pool.jpg", [QueryPart("image", r"..\pool.jpg")]),
        (r"~\pool.jpg", [QueryPart("image", r"~\pool.jpg")]),
        (r"image:C:\pool.jpg", [QueryPart("image", r"C:\pool.jpg")]),
        (r'image:"C:\Users\Ann\my pool.jpg"', [QueryPart("image", r"C:\Users\Ann\my pool.jpg")]),
        (r'image:"C:\\Users\\my pool.jpg"', [QueryPart("image", r"C:\Users\my pool.jpg")]),
        (r'image:"\\server\share\my x.jpg"', [QueryPart("image", r"\\server\share\my x.jpg")]),
        (r"C:", [text("C:")]),
        (r"\o/", [text(r"\o/")]),
        ("~/Pictures/my pool.jpg", [QueryPart("image", "~/Pictures/my pool.jpg")]),
        ("vector:AbC_-", [QueryPart("vector", "AbC_-")]),
        # What looks a little like an operator and is none.
        ("16:9 landscape", [text("16:9 landscape")]),
        ("10:30 on a clock", [text("10:30 on a clock")]),
        ("t-shirt -red", [text("t-shirt -red")]),
        ("a+b", [text("a+b")]),
        ('"black - white"', [text("black - white")]),
        ('the "golden hour" at sea', [text('the "golden hour" at sea')]),
        ('"golden hour" at sea', [text('"golden hour" at sea')]),
        ('a 5" screen - dust', [text('a 5" screen'), text("dust", -1)]),
        (r'"say \"cheese\""', [text('say "cheese"')]),
        ("idea: a lamp", [text("idea: a lamp")]),
        ("id: 12", [text("id: 12")]),
        ("road / rail", [text("road / rail")]),
        ("/ rail", [text("/ rail")]),
    ],
)
def test_what_people_write(written: str, parts: list[QueryPart]) -> None:
    assert parse_query(written) == parts


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("dog + ", "empty"),
        ("dog + + cat", "empty"),
        ('dog - ""', "empty"),
        ("0:dog", "weight 0"),
        ("11:dog", "between -10 and 10"),
        (" + ".join(["dog"] * (MAX_PARTS + 1)), "17 parts"),
        ("x" * 2001, "2001 characters"),
    ],
)
def test_what_cannot_be_asked(written: str, sentence: str) -> None:
    with pytest.raises(QueryError, match=sentence):
        parse_query(written)


@pytest.mark.parametrize("odd", ["0", '\\"', '"', "- ", "1.", "\\", '"\\'])
def test_long_queries_take_no_time(odd: str) -> None:
    """One that took quadratic time would run into the time limit of all tests."""
    with contextlib.suppress(QueryError):
        parse_query('"' + odd * (1_000_000 // len(odd)))


def test_a_plain_text_stays_plain() -> None:
    assert write_query(parse_query("red car")) == "red car"
    assert write_query([text("black - white")]) == '"black - white"'
    assert write_query(parse_query("2:a + id:b - c")) == '2:"a" + id:"b" - "c"'
    assert write_query([]) == ""


words = st.text(min_size=1, max_size=40).filter(lambda value: bool(clean(value)))
weights = st.sampled_from([1.0, -1.0, 2.0, 0.25, -0.5, 10.0])
kinds: st.SearchStrategy[Kind] = st.sampled_from(["text", "image", "id"])


@given(st.lists(st.builds(QueryPart, kinds, words, weights), min_size=1, max_size=MAX_PARTS))
@example([QueryPart("image", r"\photos\a.jpg")])
@example([QueryPart("image", r"\\server\photos\a.jpg")])
@example([QueryPart("image", r"C:\photos\a.jpg")])
def test_what_is_written_is_read_again(parts: list[QueryPart]) -> None:
    assert parse_query(write_query(parts)) == list(map(checked_part, parts))


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_a_clear_error(written: str) -> None:
    try:
        parts = parse_query(written)
    except QueryError:
        return
    assert parse_query(write_query(parts)) == parts


@pytest.mark.parametrize("path", [r"C:\Users\Ann\hund.jpg", r"\\server\share\x.jpg", r".\a b.jpg"])
def test_a_path_of_windows_is_read_as_it_was_written(path: str) -> None:
    parts = [QueryPart("image", path), text(path), text("x")]
    assert parse_query(write_query(parts)) == parts
    assert parse_query(write_query(parts[1:2])) == parts[1:2]
