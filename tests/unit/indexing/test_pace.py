"""How fast something goes on, over the last seconds."""

from __future__ import annotations

from photoseek.indexing.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def test_what_went_by_long_ago_does_not_count() -> None:
    clock = Clock()
    pace = Pace(seconds=10, now=clock)
    assert pace.per_second() == 0
    assert pace.seconds_left(10) is None
    pace.note(100)
    clock.time = 1
    pace.note(10_100)  # unchanged ones
    assert pace.per_second() == 10_000
    for second in range(2, 40):
        clock.time = second
        pace.note(10_100 + 5 * second)
    assert pace.per_second() == 5
    assert pace.seconds_left(50) == 10


def test_the_first_moment_tells_nothing() -> None:
    clock = Clock()
    pace = Pace(now=clock)
    pace.note(0)
    clock.time = 5  # a model was loaded
    pace.note(32)
    clock.time = 5.01
    pace.note(64)
    assert pace.per_second() == 0
    assert pace.seconds_left(1_000) is None
    clock.time = 5.5
    assert pace.per_second() == 64


def test_silence_slows_it_down() -> None:
    clock = Clock()
    pace = Pace(seconds=10, now=clock)
    pace.note(10)
    clock.time = 2
    pace.note(30)
    assert pace.per_second() == 10
    clock.time = 20
    assert pace.per_second() == 1
