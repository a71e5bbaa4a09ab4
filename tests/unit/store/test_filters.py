"""Filters as people write them."""

from __future__ import annotations

import json

import pytest

from photoseek.errors import QueryError
from photoseek.records import AllOf, AnyOf, Condition, Filter, Not
from photoseek.store import filters_of, parse_condition, parse_filter
from photoseek.store.escaping import from_text, to_text
from photoseek.store.filters import filter_from_json, filter_to_json


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
        ("project=spring", Condition("project", "=", "spring")),
        ("metadata.project=spring", Condition("metadata.project", "=", "spring")),
        ("metadata.a.b-c = x", Condition("metadata.a.b-c", "=", "x")),
        ("shot-by=Ann", Condition("shot-by", "=", "Ann")),
        ("Größe != 3", Condition("Größe", "!=", "3")),
        ('"shot by" = Ann', Condition("shot by", "=", "Ann")),
        ('metadata."a \\"=\\" b\\\\"in["x"]', Condition('metadata.a "=" b\\', "in", ("x",))),
        ('"width">=3', Condition("width", ">=", 3)),
        ('""=x', Condition("", "=", "x")),
    ],
)
def test_what_is_understood(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition


LICENCE, TAG = Condition("licence", "=", "MIT"), Condition("tags", "=", "beach")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("licence=MIT AND tags = beach", AllOf((LICENCE, TAG))),
        ("licence=MIT  OR\ttags=beach", AnyOf((LICENCE, TAG))),
        (
            "licence=MIT OR tags=beach AND width >= 3",
            AnyOf((LICENCE, AllOf((TAG, Condition("width", ">=", 3))))),
        ),
        (
            'tags=beach AND "shot by" in ["A", "B"]',
            AllOf((TAG, Condition("shot by", "in", ("A", "B")))),
        ),
        ("caption = Salt AND Pepper", Condition("caption", "=", "Salt AND Pepper")),
        ("caption = Salt and licence=MIT", Condition("caption", "=", "Salt and licence=MIT")),
        ("caption = BRAND x=y", Condition("caption", "=", "BRAND x=y")),
    ],
)
def test_conditions_are_joined_in_capitals(text: str, expected: Filter) -> None:
    assert parse_filter(text) == expected


def test_a_condition_that_is_joined_is_looked_at_as_any() -> None:
    with pytest.raises(QueryError, match="whole numbers; got 'x'"):
        parse_filter("licence=MIT AND width > x")


def test_a_long_run_of_spaces_is_read_at_once() -> None:
    """An expression that tries each space as the last one would take hours."""
    value = "a" + " " * 3_000_000 + "b"
    assert parse_condition(f" licence =  {value} \n") == Condition("licence", "=", value)
    assert parse_filter(f"licence={value}") == Condition("licence", "=", value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no filter. Write a column"),
        ("beach", "is no filter"),
        ("=x", "is no filter"),
        ("two words=x", "is no filter"),
        ("licence LIKE x", "is no filter"),
        ("x" * 500, r"'x{57}\.\.\.' is no filter"),
        ("colour>red", "colour cannot be filtered with '>'. Use one of = !="),
        ('"shot \\x by"=Ann', "is no name of a column. Within quotes write"),
        ('"shot by=Ann', "is no filter"),
        ("shot by=Ann", 'quote a name with spaces, "shot by"=Ann'),
        (".project=x", "is no filter"),
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


TREES: list[tuple[object, Filter]] = [
    ({"field": "width", "op": ">=", "value": 2000}, Condition("width", ">=", 2000)),
    ({"field": "tags", "op": "in", "value": ["a", "b"]}, Condition("tags", "in", ("a", "b"))),
    ({"not": {"field": "tags", "op": "=", "value": "a"}}, Not(Condition("tags", "=", "a"))),
    (
        {"any": [{"all": []}, {"field": "id", "op": "!=", "value": ""}]},
        AnyOf((AllOf(()), Condition("id", "!=", ""))),
    ),
]


@pytest.mark.parametrize(("given", "tree"), TREES)
def test_a_filter_travels_as_json(given: object, tree: Filter) -> None:
    assert filter_from_json(given) == tree
    assert filter_to_json(tree) == given
    assert parse_filter(f" {json.dumps(given)}") == tree
    assert filters_of([tree, json.dumps(given)]) == (tree, tree)
    assert filters_of(tree) == filters_of(given) == filters_of([given]) == (tree,)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"all": {}}',
        '{"all": [3]}',
        '{"not": []}',
        '{"any": [], "all": []}',
        '{"field": "width", "op": ">="}',
        '{"field": 3, "op": "=", "value": 3}',
        '{"field": "width", "op": "==", "value": 3, "more": 1}',
        '{"all": [null]}',
        '{"not": ' * 100_000,
        '{"field": "\\ud800"}',
    ],
)
def test_json_that_is_no_filter(text: str) -> None:
    with pytest.raises(QueryError, match='is no filter. A filter in JSON is {"field": "width"'):
        parse_filter(text)


def test_json_that_is_too_deep_or_has_a_wrong_operator() -> None:
    tree = '{"field": "width", "op": "=", "value": 3}'
    with pytest.raises(QueryError, match="more than 8 deep"):
        parse_filter('{"not": ' * 8 + tree + "}" * 8)
    with pytest.raises(QueryError, match="more than 8 deep"):
        parse_filter('{"any": [' * 400 + "]}" * 400)
    for operator in ("LIKE", None, ["="], {"=": 1}):
        with pytest.raises(QueryError, match="is no operator of a filter. Use one of = != < "):
            filter_from_json({"field": "width", "op": operator, "value": 3})


@pytest.mark.parametrize(
    "value",
    ["", "plain", "\0", "\udc80\udcff", "\ud83d", "\ufdd0", "\ufdd0dc80", "a\0b\ufdd0\udc80"],
)
def test_text_that_arrow_cannot_hold_comes_back(value: str) -> None:
    text = to_text(value)
    assert "\0" not in text
    text.encode()
    assert from_text(text) == value
