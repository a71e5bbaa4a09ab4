"""Which number format is the faster one, by what was measured, and how that is done."""

from __future__ import annotations

import pytest
import torch

from photoseek.model.number_formats import is_fast_at_bf16, is_worth_rounding

EXACT = (0.020, 0.011, 0.010, 0.012)


@pytest.mark.parametrize(
    ("rounded", "is_worth"),
    [
        ((0.030, 0.005, 0.005, 0.005), True),
        ((0.090, 0.090, 0.0076, 0.090), True),  # others were in the way of all turns but one
        ((0.090, 0.0078, 0.0078, 0.0078), False),  # faster, but not by enough
        ((0.010, 0.010, 0.010, 0.010), False),
        ((0.040, 0.038, 0.038, 0.039), False),
    ],
)
def test_the_best_turns_are_compared(rounded: tuple[float, ...], is_worth: bool) -> None:
    assert is_worth_rounding({torch.float32: EXACT, torch.bfloat16: rounded}) is is_worth


def test_one_disturbed_format_is_not_the_slower_one() -> None:
    """By the clock, of one format all turns and of the other one only some were disturbed."""
    disturbed = (0.090, 0.085, 0.010, 0.095)
    assert not is_worth_rounding({torch.float32: disturbed, torch.bfloat16: (0.038, 0.041)})


def test_it_is_tried_without_a_trace_in_other_threads() -> None:
    before = torch.get_num_threads()
    assert is_fast_at_bf16() is is_fast_at_bf16()
    assert torch.get_num_threads() == before
