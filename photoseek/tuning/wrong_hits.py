"""Whether a model puts good hits before those that people called wrong."""

from __future__ import annotations

from photoseek.tuning.examples import Example, Parts
from photoseek.tuning.outcome import InOrder
from photoseek.tuning.training_run import Training

MOST = 2_000
"""Pairs of a good and a wrong hit for one text that are looked at."""


def hits_in_order(training: Training, parts: Parts, share: float) -> InOrder | None:
    """The pairs of a good hit and a wrong one that are both in the test; None without any."""
    pairs = [
        (text, good, Example(wrong, "", ()))
        for good in parts.test
        for text in good.captions
        for wrong in parts.wrong_in_test.get(text, ())
    ][:MOST]
    if not pairs:
        return None
    before, after = (_right(training, pairs, each) for each in (0.0, share))
    return InOrder(len(pairs), before, after)


def _right(training: Training, pairs: list[tuple[str, Example, Example]], share: float) -> int:
    right = 0
    for start in range(0, len(pairs), 64):
        some = pairs[start : start + 64]
        good, texts = training.vectors([good for _, good, _ in some], [t for t, *_ in some], share)
        wrong, _ = training.vectors([wrong for *_, wrong in some], [], share)
        right += int(((good * texts).sum(axis=1) > (wrong * texts).sum(axis=1)).sum())
    return right
