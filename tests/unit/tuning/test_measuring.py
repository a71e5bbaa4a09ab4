"""When a tuned model is called better."""

from __future__ import annotations

import numpy as np
import pytest

from photoseek.tuning.card import sentence_of
from photoseek.tuning.examples import Example
from photoseek.tuning.measuring import Measured, compare, measure

PHOTOS = 23


def measured(wrong: int) -> Measured:
    """A model that finds all photos by their captions, and the other way, but some."""
    examples = [Example(f"/{n}.jpg", f"{n:016x}", (f"caption {n}",)) for n in range(PHOTOS)]
    images = np.eye(PHOTOS, dtype=np.float32)
    texts = images.copy()
    texts[:wrong] *= -1
    return measure(examples, images, texts)


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [(8, 0, "better"), (0, 8, "worse"), (4, 0, "chance"), (0, 4, "chance"), (0, 0, "chance")],
)
def test_four_photos_of_four_may_be_chance(before: int, after: int, outcome: str) -> None:
    assert compare(measured(before), measured(after)).outcome == outcome


def test_an_interval_that_is_no_proof_is_explained() -> None:
    said = sentence_of(compare(measured(4), measured(0)))
    assert said.startswith("The difference is within chance.")
    assert said.count("too few photos to be sure") == 2
    assert "too few" not in sentence_of(compare(measured(8), measured(0)))
