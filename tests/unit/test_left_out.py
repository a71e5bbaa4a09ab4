"""A test whose server is missing says so, and fails where its lane is asked for."""

from __future__ import annotations

import pytest

from tests.servers.lane import VARIABLE, leave_out


@pytest.mark.parametrize(
    ("ci", "lanes", "fails"),
    [
        ("true", "engines", True),
        ("true", "s3,engines", True),
        ("true", "s3", False),
        ("true", "", False),
        ("", "engines", False),
    ],
)
def test_a_lane_that_is_asked_for_cannot_be_left_out(
    monkeypatch: pytest.MonkeyPatch, ci: str, lanes: str, fails: bool
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv(VARIABLE, lanes)
    ends = pytest.fail.Exception if fails else pytest.skip.Exception
    with pytest.raises(ends, match="No server: set ADDRESS"):
        leave_out("No server: set ADDRESS.")


def test_each_lane_is_asked_for_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv(VARIABLE, "redis")
    with pytest.raises(pytest.fail.Exception, match="The lane redis is to be run here"):
        leave_out("No server.", "redis")
    with pytest.raises(pytest.skip.Exception):
        leave_out("No server.")
