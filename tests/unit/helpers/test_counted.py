"""A number stands with the words that fit it."""

from __future__ import annotations

import pytest

from photoseek.helpers.counted import counted


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 photos are"), (1, "1 photo is"), (2_000, "2,000 photos are")]
)
def test_one_is_said_as_one(count: int, said: str) -> None:
    assert counted(count, "photo is", "photos are") == said
