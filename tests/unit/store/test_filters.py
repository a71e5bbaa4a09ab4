"""Filters as people write them."""

from __future__ import annotations

import pytest

from photoseek.errors import QueryError
from photoseek.records import Condition
from photoseek.store import parse_condition
from photoseek.store.lance.escaping import from_text, to_text


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("licence=CC0-1.0", Condition("licence", "=", "CC0-1.0")),
        ("  licence  =  CC BY 4.0 ", Condition("licence", "=", "CC BY 4.0")),
        ("width>=2000", Condition("width", ">=", 2000)),
        ("width >= 2000", Condition("width", ">=", 2000)),
        ("height==-3", Condition("height", "=", -3)),
        ("tags!=night", Condition("tags", "!=", "night")),
        ("caption=a=b != c", Condition("caption", "=", "a=b != c")),
        ("caption=two\nlines", Condition("caption", "=", "two\nlines")),
        ("photographer=", Condition("photographer", "=", "")),
        ("caption='", Condition("caption", "=", "'")),
        ('licence in ["CC0-1.0", "MIT"]', Condition("licence", "in", ("CC0-1.0", "MIT"))),
        ('  tags in["a=b"] ', Condition("tags", "in", ("a=b",))),
        ("caption=x in []", Condition("caption", "=", "x in []")),
        ("taken >= 2024-05", Condition("taken", ">=", "2024-05")),
        ("orientation = square", Condition("orientation", "=", "square")),
    ],
)
def test_what_is_understood(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition


def test_a_long_run_of_spaces_is_read_at_once() -> None:
    """An expression that tries each space as the last one would take hours."""
    value = "a" + " " * 3_000_000 + "b"
    assert parse_condition(f" licence =  {value} \n") == Condition("licence", "=", value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no filter. Write a column"),
        ("beach", "is no filter"),
        ("=x", "is no filter"),
        ("two words=x", "is no filter"),
        ("licence LIKE x", "is no filter"),
        ("x" * 500, r"'x{57}\.\.\.' is no filter"),
        ("colour=red", "no column 'colour' to filter on. Use one of tags, id, uri"),
        ("caption>a", "cannot be filtered with '>'. Use one of = !="),
        ("width=wide", "holds whole numbers; got 'wide'"),
        ("width=2000.5", "holds whole numbers"),
        ("width=", "holds whole numbers"),
        ("width=1e3", "holds whole numbers"),
        ("width=" + "9" * 5000, "holds whole numbers"),
        ("width=٣", "holds whole numbers"),
        ("licence in MIT", r"'MIT' is no list. After 'in' write one in JSON, such as"),
        ("licence in", "'' is no list"),
        ('licence in {"a": 1}', "is no list"),
        ("licence in " + "[" * 100_000, "is no list"),
        ("licence in []", "'in' needs a list of 1 to 1000 texts"),
        ("licence in [3]", "Give a text"),
        ("licence inside x", "is no filter"),
        ("width in [3]", "cannot be filtered with 'in'"),
    ],
)
def test_what_is_not(text: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        parse_condition(text)


@pytest.mark.parametrize(
    "value",
    ["", "plain", "\0", "\udc80\udcff", "\ud83d", "\ufdd0", "\ufdd0dc80", "a\0b\ufdd0\udc80"],
)
def test_text_that_arrow_cannot_hold_comes_back(value: str) -> None:
    text = to_text(value)
    assert "\0" not in text
    text.encode()
    assert from_text(text) == value
