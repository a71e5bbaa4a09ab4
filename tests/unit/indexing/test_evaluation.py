"""Recall, against cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from photoseek.indexing.evaluation import recall


def unit(rows: list[list[float]]) -> NDArray[np.float32]:
    vectors = np.array(rows, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def test_recall_counts_the_first_right_answer() -> None:
    answers = unit([[1, 0], [0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0, 1]])
    queries = unit([[1, 0], [1, 0], [1, 0]])
    result = recall(queries, answers, np.array([0, 4, 5]), np.arange(6))
    assert result == pytest.approx({1: 1 / 3, 5: 2 / 3, 10: 1.0})


def test_equal_classes_are_equally_right() -> None:
    answers = unit([[1, 0], [0, 1]])
    result = recall(unit([[1, 0]]), answers, np.array([7]), np.array([7, 7]))
    assert result[1] == 1.0


def test_more_queries_than_fit_a_block() -> None:
    random = np.random.default_rng(0)
    vectors = unit(random.standard_normal((2_500, 8)).tolist())
    classes = np.arange(2_500)
    assert recall(vectors, vectors, classes, classes)[1] == 1.0
