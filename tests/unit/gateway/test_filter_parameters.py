"""The filters of the API, which come from the table of fields."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from photoseek.errors import QueryError
from photoseek.gateway.routes.filter_models import Filters
from photoseek.gateway.routes.filter_parameters import where_of
from photoseek.gateway.routes.request_models import SearchBody
from photoseek.records import AllOf, AnyOf, Condition, Filter, Not
from photoseek.store.filters import MAX_DEPTH, filter_to_json

GIVEN: list[tuple[dict[str, Any], list[Filter]]] = [
    ({}, []),
    ({"tags": ["a", "b"]}, [Condition("tags", "=", "a"), Condition("tags", "=", "b")]),
    ({"licence": ["MIT", "it's"]}, [Condition("licence", "in", ("MIT", "it's"))]),
    ({"orientation": ["square"]}, [Condition("orientation", "in", ("square",))]),
    ({"colour": ["red", "#0000ff"]}, [Condition("colours", "in", ("red", "blue"))]),
    (
        {"min_width": 0, "min_height": 9},
        [Condition("width", ">=", 0), Condition("height", ">=", 9)],
    ),
    (
        {"taken_from": "2024", "taken_to": "2024-05"},
        [Condition("taken", ">=", "2024"), Condition("taken", "<=", "2024-05")],
    ),
    (
        {"where": ["width < 3", '{"not": {"field": "id", "op": "=", "value": "x"}}']},
        [Condition("width", "<", 3), Not(Condition("id", "=", "x"))],
    ),
]


@pytest.mark.parametrize(("given", "filters"), GIVEN)
def test_parameters_become_conditions(given: dict[str, Any], filters: list[Filter]) -> None:
    assert where_of(Filters.model_validate(given)) == tuple(filters)
    assert where_of(SearchBody.model_validate({"filter": given}).filter) == tuple(filters)


def test_what_is_no_colour_or_no_filter_is_refused() -> None:
    with pytest.raises(QueryError, match="'mauve' is no colour"):
        where_of(Filters.model_validate({"colour": ["mauve"]}))
    with pytest.raises(QueryError, match="colour cannot be filtered with '>'"):
        where_of(Filters.model_validate({"where": ["colour > red"]}))
    for given in ({"camera_maker": ["x"]}, {"min_width": -1}, {"orientation": ["wide"]}):
        with pytest.raises(ValidationError):
            Filters.model_validate(given)


def test_one_filter_may_be_long_and_all_together_are_limited() -> None:
    ids = json.dumps([f"{n:032}" for n in range(1000)])
    assert where_of(Filters.model_validate({"where": [f"id in {ids}"] * 5}))
    with pytest.raises(QueryError, match="may have 200000 characters"):
        where_of(Filters.model_validate({"where": [f"id in {ids}"] * 6}))


def test_the_filter_of_a_body_may_be_a_tree() -> None:
    tree = AnyOf((Condition("width", ">=", 3), AllOf((Not(Condition("tags", "in", ("a",))),))))
    body = SearchBody.model_validate({"filter": filter_to_json(tree)})
    assert body.filter == tree
    assert where_of(body.filter) == (tree,)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"all": 3}, "is no filter"),
        ({"any": [{"min_width": 3}]}, "is no filter"),
        ({"field": "width", "op": ">=", "value": "wide"}, "holds whole numbers"),
        ({"field": "colour", "op": ">", "value": "red"}, "cannot be filtered with '>'"),
        ({"field": "tags", "op": "in", "value": []}, "'in' needs a list"),
        ({"any": [{"field": "id", "op": "=", "value": "x"}] * 257}, "more than 256 conditions"),
        ({"all": [], "min_width": 3}, "is no filter"),
    ],
)
def test_a_tree_that_makes_no_sense_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SearchBody.model_validate({"filter": given})


def test_a_tree_that_is_too_deep_is_refused() -> None:
    given: dict[str, Any] = {"field": "id", "op": "=", "value": "x"}
    for _ in range(MAX_DEPTH):
        given = {"not": given}
    with pytest.raises(ValidationError, match=f"more than {MAX_DEPTH} deep"):
        SearchBody.model_validate({"filter": given})
