"""What a tuning is asked for, and how it went."""

from __future__ import annotations

from dataclasses import dataclass

EPOCHS = 30
RATE = 1e-3
PATIENCE = 8
"""Epochs without a better model on the part that chooses, after which training ends."""

BATCH_OF_CPU, BATCH_OF_GPU = 64, 256
LEAST_BATCH = 2
RANK = 8
"""The rank of what is added to a matrix."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides, with the photos and the model, what comes out.

    `epochs` is how often each photo is seen at the most, `batch` how many are seen at once, and
    `rate` the highest learning rate.
    """

    seed: int
    epochs: int
    batch: int
    rate: float

    def steps(self, photos: int) -> int:
        """How many batches an epoch has with that many photos to train on."""
        return max(1, photos // self.batch)


@dataclass(frozen=True, slots=True)
class Course:
    """How a training went: epochs that were done, the best of them, and why it ended.

    `by_hand` is whether somebody stopped it.
    """

    epochs: int
    best_epoch: int
    best_score: float
    ended: str
    by_hand: bool = False
