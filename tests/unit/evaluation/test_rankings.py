"""Recall and nDCG, against cases worked out by hand."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from numpy.typing import NDArray

from photoseek.evaluation import rankings
from photoseek.evaluation.rankings import Direction, Grades, ndcg_of, rank_of_first, ranked


def unit(rows: list[list[float]]) -> NDArray[np.float32]:
    vectors = np.array(rows, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def named(count: int) -> list[str]:
    return [f"q{number}" for number in range(count)]


ANSWERS = unit([[1, 0], [0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0, 1]])


def test_recall_counts_the_first_right_answer() -> None:
    queries = unit([[1, 0], [1, 0], [1, 0]])
    right: list[Grades] = [{0: 1}, {4: 1}, {5: 1}]
    result = ranked(queries, ANSWERS, right, named(3))
    assert result.ranks.tolist() == [1, 5, 6]
    assert [result.recall(k) for k in (1, 5, 10)] == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert result.median_rank == 5


def test_any_of_several_right_answers_will_do() -> None:
    result = ranked(unit([[1, 0]]), ANSWERS, [{5: 1, 1: 1}], named(1))
    assert result.ranks.tolist() == [2]


def test_a_group_of_copies_is_one_answer_with_the_score_of_its_best() -> None:
    groups = np.array([0, 0, 0, 1, 2, 3])
    result = ranked(unit([[1, 0]]), ANSWERS, [{1: 1}], named(1), groups=groups)
    assert result.ranks.tolist() == [2]


def test_groups_may_lie_scattered() -> None:
    groups = np.array([0, 1, 2, 0, 1, 0])
    queries = unit([[0, 1], [1, 0]])
    result = ranked(queries, ANSWERS, [{0: 1}, {2: 1}], named(2), groups=groups)
    assert result.ranks.tolist() == [1, 3]


@pytest.mark.parametrize("rounding", [0.0, 1e-7])
def test_a_model_that_tells_nothing_apart_is_right_as_often_as_chance(rounding: float) -> None:
    random = np.random.default_rng(3)
    answers = np.array([[1, 0]] * 20, np.float32)
    answers[:, 0] -= random.uniform(0, rounding, 20)
    right: list[Grades] = [{number: 1} for number in range(20)]
    result = ranked(unit([[1, 0]] * 20), answers, right, named(20))
    assert sorted(result.ranks.tolist()) == list(range(1, 21))
    assert result.ndcg_at(1) == pytest.approx(1 / 20)


def test_a_hair_more_than_rounding_decides() -> None:
    answers = np.array([[1, 0]] * 20, np.float32)
    answers[:, 0] -= np.linspace(0, 1e-3, 20, dtype=np.float32)
    right: list[Grades] = [{number: 1} for number in range(20)]
    result = ranked(unit([[1, 0]] * 20), answers, right, named(20))
    assert result.ranks.tolist() == list(range(1, 21))


def test_more_queries_than_fit_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    vectors = unit(random.standard_normal((300, 8)).tolist())
    monkeypatch.setattr(rankings, "SCORES_AT_ONCE", 7 * 300)
    right: list[Grades] = [{number: 1.0} for number in range(300)]
    assert ranked(vectors, vectors, right, named(300)).recall(1) == 1.0


def test_ndcg_is_that_of_the_worked_example() -> None:
    # The example of Wikipedia's page on discounted cumulative gain: six documents in the order
    # D1 to D6 with the grades 3, 2, 3, 0, 1, 2, and two more, of 3 and 2, that were not found.
    grades = {0: 3, 1: 2, 2: 3, 4: 1, 5: 2, 6: 3, 7: 2}
    order = np.linspace(1, 0, 8, dtype=np.float32)
    order[6:] = [-1, -2]
    shown = sum(g / log2(place + 1) for place, g in enumerate([3, 2, 3, 0, 1, 2], 1))
    ideal = sum(g / log2(place + 1) for place, g in enumerate([3, 3, 3, 2, 2, 2], 1))
    assert (round(shown, 3), round(ideal, 3)) == (6.861, 8.740)
    at_five = (shown - 2 / log2(7)) / (ideal - 2 / log2(7))
    assert ndcg_of(order, grades)[:2] == pytest.approx([1.0, at_five])


@pytest.mark.parametrize("seed", range(5))
def test_ndcg_is_the_textbook_sum_over_all_orders(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.standard_normal(30).astype(np.float32)
    graded = random.integers(0, 4, 30)
    graded[0] = 2
    weights = 1 / np.log2(np.arange(2, 32))
    for k, found in zip((1, 5, 10), ndcg_of(scores, dict(enumerate(graded.tolist()))), strict=True):
        gain = (graded[np.argsort(-scores)] * weights)[:k].sum()
        best = (np.sort(graded)[::-1] * weights)[:k].sum()
        assert found == pytest.approx(gain / best)


def test_what_does_not_fit_is_not_right() -> None:
    scores = np.array([0.9, 0.5, 0.1], np.float32)
    assert rank_of_first(scores, {0: 0.0, 2: 0.5}) == 3


def test_fewer_answers_than_are_looked_at() -> None:
    found = Direction(("q",), np.array([1]), np.array([ndcg_of(np.array([1.0]), {0: 2.0})]))
    assert [found.ndcg_at(k) for k in (1, 5, 10)] == [1.0, 1.0, 1.0]
