"""Whether a processor multiplies faster in bfloat16.

It is tried and not looked up: PyTorch says that bf16 is supported on machines where it is seven
times slower than fp32, and names for fast units differ from maker to maker.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import torch

from photoseek.helpers.deadlines import in_background

MARGIN = 1.3
"""How many times faster bfloat16 must be than float32 before its rounding is worth it."""

TURNS = 5
"""The first turn prepares kernels, and is never the best."""

Seconds = Mapping[torch.dtype, Sequence[float]]
"""What one and the same multiplication took in each of two formats, turn by turn."""


@cache
def is_fast_at_bf16() -> bool:
    """Whether this processor multiplies faster in bfloat16, tried once in a process."""
    return is_worth_rounding(in_background(_tried, "number formats").result())


def is_worth_rounding(seconds: Seconds) -> bool:
    """Whether bfloat16 is faster by `MARGIN`, by the best turn of each format: whatever disturbs a
    turn makes it longer and never shorter.
    """
    return min(seconds[torch.float32]) >= MARGIN * min(seconds[torch.bfloat16])


def _tried() -> Seconds:
    """Seconds of a processor, by turns, so that both formats meet the same moments.

    The clock would count what other programs do meanwhile, and helpers of this thread wait for one
    that has no processor: so it computes alone, and its own time is told.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        works = {dtype: _multiplication(dtype) for dtype in (torch.float32, torch.bfloat16)}
        turns = [{dtype: _own_seconds(work) for dtype, work in works.items()} for _ in range(TURNS)]
        return {dtype: [turn[dtype] for turn in turns] for dtype in works}
    finally:
        torch.set_num_threads(before)  # for threads to come: the last who says it counts


def _multiplication(dtype: torch.dtype) -> Callable[[], object]:
    """One of the size that a ViT-B spends its time in."""
    tokens = torch.ones(256, 768, dtype=dtype)
    weights = torch.ones(3072, 768, dtype=dtype)

    def multiply() -> object:
        with torch.inference_mode():
            return torch.nn.functional.linear(tokens, weights)

    return multiply


def _own_seconds(work: Callable[[], object]) -> float:
    # Windows tells a thread's own time in steps that are longer than this work.
    clock = time.perf_counter if sys.platform == "win32" else time.thread_time
    start = clock()
    work()
    return clock() - start
