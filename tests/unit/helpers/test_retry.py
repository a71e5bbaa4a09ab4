from __future__ import annotations

import pytest

from photoseek.helpers.deadlines import within
from photoseek.helpers.retry import Attempts, Pauses


def pauses_of(most: int, pauses: Pauses, *waits: float | None) -> list[float]:
    """How long attempts wait that fail one after the other, until the error is raised."""
    slept: list[float] = []
    attempts = Attempts(most, pauses, sleep=slept.append)
    error = OSError()
    try:
        for wait in (*waits, *[None] * most):
            attempts.failed(error, wait=wait)
    except OSError:
        return slept
    raise AssertionError("the attempts never ended")


def test_pauses_double_between_the_attempts() -> None:
    assert pauses_of(4, Pauses(first=0.25)) == [0.25, 0.5, 1.0]
    assert pauses_of(1, Pauses(first=0.25)) == []


def test_pauses_stop_growing_at_the_longest() -> None:
    assert pauses_of(6, Pauses(first=1, longest=3)) == [1, 2, 3, 3, 3]


def test_who_asks_for_a_pause_gets_it() -> None:
    assert pauses_of(3, Pauses(first=1, longest=5), 5.0, 0.0) == [5.0, 0.0]


def test_who_asks_for_too_long_a_pause_is_not_waited_for() -> None:
    assert pauses_of(9, Pauses(first=1, longest=5), 5.1) == []


def test_no_pause_reaches_beyond_the_deadline() -> None:
    with within(3600):
        assert pauses_of(9, Pauses(first=1), 3.0, 3601.0) == [3.0]
    with within(0):
        assert pauses_of(9, Pauses(first=0)) == []


def test_pauses_are_spread() -> None:
    pauses = Pauses(first=1, longest=4, spread=0.5)
    drawn = [pauses.after(3) for _ in range(200)]
    assert 2 <= min(drawn) < max(drawn) <= 6
    assert len(set(drawn)) > 100


def test_what_waits_may_end_the_attempts() -> None:
    def stopped(_: float) -> None:
        raise KeyError("stopped")

    with pytest.raises(KeyError):
        Attempts(3, Pauses(first=1), sleep=stopped).failed(OSError())
