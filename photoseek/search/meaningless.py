"""Texts that mean nothing: what they find in a library, chance finds there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Vector

MEANINGLESS = (
    *("blorv", "quenty skarm", "zilpt", "yib nollo wex", "trastiv", "hjkw qptz", "ovu"),
    *("merindle fask", "as a matter of fact", "to whom it may concern", "not applicable"),
    *("the answer to your question", "because it depends", "subject to change without notice"),
    *("the day after the day before", "in other words"),
)
"""Words that are none, and phrases that no photo shows. Another choice is another measure: then
`python -m bench.confidence` is to be run again."""


@dataclass(frozen=True, slots=True, eq=False)
class WithoutMeaning:
    """A query with texts that mean nothing in place of those that it looks for.

    `vectors` are unit vectors of such texts, shape (n, d), and each stands for all texts of the
    query, with the sum of their weights, `wanted`. `unwanted` is the weighted sum of what the
    query wants to be without, which stays, shape (d,).
    """

    vectors: NDArray[np.float32]
    wanted: float
    unwanted: Vector

    def is_same(self, other: WithoutMeaning) -> bool:
        """Whether both ask the same."""
        return (
            self.wanted == other.wanted
            and np.array_equal(self.unwanted, other.unwanted)
            and np.array_equal(self.vectors, other.vectors)
        )

    @property
    def lengths(self) -> NDArray[np.float32]:
        """The length of each mixture before it is made a unit vector, shape (n,)."""
        mixed = self.wanted * self.vectors + self.unwanted
        lengths: NDArray[np.float32] = np.linalg.norm(mixed, axis=1)
        return np.maximum(lengths, np.float32(1e-6))


def without_meaning(
    meaningless: NDArray[np.float32], vectors: Sequence[Vector], weights: Sequence[float]
) -> WithoutMeaning:
    """The query of these parts without its meaning; at least one weight is above 0."""
    unwanted = sum(
        (
            np.float32(weight) * vector
            for vector, weight in zip(vectors, weights, strict=True)
            if weight < 0
        ),
        np.zeros(meaningless.shape[1], np.float32),
    )
    return WithoutMeaning(meaningless, sum(weight for weight in weights if weight > 0), unwanted)
