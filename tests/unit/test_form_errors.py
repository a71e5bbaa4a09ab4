"""What is to be given in the place of what pydantic does not take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from photoseek.settings.form_errors import of_form, what_to_give


class Form(BaseModel):
    wanted: int = 1
    count: int = Field(1, ge=1, le=100)
    share: float = Field(0.5, gt=0, lt=1, allow_inf_nan=False)
    name: str = Field("a", min_length=1, max_length=2000)
    names: list[str] = Field(["a"], min_length=1, max_length=2)
    members: dict[str, str] = {}
    inner: Form | None = None
    switch: bool = False
    order: Literal["up", "down"] = "up"
    day: Annotated[str, of_form(r"\d{4}", "Give a year, such as 2024")] = "2024"


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        ("wanted", ["x", "", None, 1.5, [], 1e30], "Give a whole number"),
        ("count", [0, "-1"], "Give 1 or more"),
        ("count", [101], "Give 100 at most"),
        ("share", ["x", None, {}, float("nan")], "Give a number"),
        ("share", [0], "Give more than 0"),
        ("share", [1], "Give less than 1"),
        ("name", [5, None, [], "\ud800"], "Give a text"),
        ("name", [""], "Give 1 character at least"),
        ("name", ["a" * 2001], "Give 2,000 characters at most; there are 2,001"),
        ("names", ["a", 5, None, {}], "Give a list"),
        ("names", [[]], "Give 1 item at least"),
        ("names", [["a"] * 3], "Give 2 items at most; there are 3"),
        ("members", [[], 5], "Give an object"),
        ("inner", [5, "a"], "Give an object"),
        ("switch", ["maybe", 5, None, []], "Give true or false"),
        ("order", ["left", 5, None], "Give 'up' or 'down'"),
        ("day", ["24", "2024\n", "x2024"], "Give a year, such as 2024"),
    ],
)
def test_it_is_said_what_to_give(name: str, values: list[Any], told: str) -> None:
    for value in values:
        with pytest.raises(ValidationError) as caught:
            Form.model_validate({name: value})
        [error] = caught.value.errors()
        assert what_to_give(error) == told


def test_what_fits_is_taken() -> None:
    assert Form.model_validate({"day": "1999", "order": "down"}).day == "1999"
