"""What the load says of the memory of processes."""

from __future__ import annotations

import numpy as np
import pytest

from bench.growth import growth

SECONDS = 600


@pytest.mark.parametrize(
    ("a_minute", "wobble", "verdict"),
    [(0.0, 2.0, "flat"), (-5.0, 2.0, "flat"), (22.0, 2.0, "grows"), (3.0, 150.0, "cannot be told")],
)
def test_growth_is_told_from_chance(a_minute: float, wobble: float, verdict: str) -> None:
    dice = np.random.default_rng(3)
    sizes = [
        (float(second), 400 + a_minute * second / 60 + wobble * dice.standard_normal())
        for second in range(SECONDS)
    ]
    found = growth(sizes)
    assert found is not None
    assert abs(found.slope - a_minute) <= found.spread
    assert found.verdict == verdict


def test_caches_that_fill_at_first_are_not_growth() -> None:
    found = growth([(float(n), 300 + min(n, 200) / 2) for n in range(SECONDS)])
    assert found is not None
    assert found.verdict == "flat"
    assert found.curve[0] < found.curve[-1] == pytest.approx(400)
    assert found.begin == pytest.approx(SECONDS / 2, abs=1)
    assert found.end == SECONDS - 1


@pytest.mark.parametrize("seconds", [0, 1, 30, 100])
def test_nothing_is_said_of_a_short_life(seconds: int) -> None:
    assert growth([(float(n), 300.0 + n) for n in range(seconds)]) is None
