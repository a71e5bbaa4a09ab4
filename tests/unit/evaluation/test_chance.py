"""Intervals and tests, against figures that stand in books or can be counted."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from photoseek.evaluation.chance import (
    fair_coin,
    mcnemar,
    mean_intervals,
    median_interval,
    sign_flips,
)


def test_an_interval_is_as_wide_as_the_normal_one() -> None:
    hits = np.zeros((400, 1))
    hits[:100] = 1
    [interval] = mean_intervals(hits)
    wide = 1.96 * np.sqrt(0.25 * 0.75 / 400)
    assert interval.low == pytest.approx(0.25 - wide, abs=0.006)
    assert interval.high == pytest.approx(0.25 + wide, abs=0.006)


def test_intervals_are_the_same_each_time() -> None:
    values = np.random.default_rng(1).random((50, 2))
    assert mean_intervals(values) == mean_intervals(values)


def test_the_interval_of_a_median_holds_it() -> None:
    interval = median_interval(np.array([1, 1, 2, 3, 50, 60, 70]))
    assert interval.low <= 3 <= interval.high
    assert interval.low < interval.high


@pytest.mark.parametrize(
    ("heads", "tails", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 2 / 32), (1, 9, 22 / 1024), (15, 5, 0.04139)],
)
def test_a_fair_coin(heads: int, tails: int, p: float) -> None:
    assert fair_coin(heads, tails) == pytest.approx(p, abs=1e-5)
    assert fair_coin(tails, heads) == fair_coin(heads, tails)


def test_many_tosses_are_no_overflow() -> None:
    assert fair_coin(40_000, 40_000) == pytest.approx(1.0, abs=1e-2)
    assert fair_coin(30_000, 50_000) < 1e-100


def test_mcnemar_looks_only_at_what_differs() -> None:
    first = np.array([True] * 90 + [True] * 9 + [False])
    second = np.array([True] * 90 + [False] * 9 + [True])
    assert mcnemar(first, second) == pytest.approx(22 / 1024)


def test_flipped_signs_come_near_to_all_of_them() -> None:
    differences = np.array([0.3, 0.1, -0.05, 0.2, 0.0, 0.15, 0.4])
    odd = differences[differences != 0]
    all_sums = [abs(np.dot(signs, odd)) for signs in product((1, -1), repeat=len(odd))]
    exact = np.mean([each >= odd.sum() - 1e-9 for each in all_sums])
    assert sign_flips(differences) == pytest.approx(exact, abs=0.01)


def test_nothing_differs() -> None:
    assert sign_flips(np.zeros(20)) == 1.0
