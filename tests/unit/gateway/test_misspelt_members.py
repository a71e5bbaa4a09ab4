"""A member of a request that nobody knows gets a suggestion."""

from __future__ import annotations

import pytest

from photoseek.gateway.routes.request_models import MEMBERS
from photoseek.gateway.validation_errors import broken_limits

EXTRA = {"type": "extra_forbidden", "msg": "Extra inputs are not permitted", "input": "1"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("limt", "limit"),
        ("photografer", "photographer"),
        ("foldr", "folder"),
        ("x" * 9999, ""),
        ("limit", ""),
    ],
)
def test_the_name_that_is_meant(name: str, meant: str) -> None:
    [told] = broken_limits([{**EXTRA, "loc": ("query", name)}], None, MEMBERS)
    assert told.path == name
    hint = f". Did you mean {meant}?" if meant else ""
    assert told.message == f"There is nothing of that name here{hint}"
