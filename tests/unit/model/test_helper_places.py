"""On which processor the thread runs that helps another one."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from torch import nn

from photoseek.helpers.deadlines import in_background
from photoseek.model.compute_threads import ComputeThreads
from photoseek.model.helper_places import HelperPlaces
from photoseek.model.layer_help import LEAST_LAYER

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2,
    reason="processors can be chosen on Linux, where there are two",
)


@pytest.fixture
def two() -> Iterator[set[int]]:
    """Two processors, on which this thread and those that it starts may run."""
    before = os.sched_getaffinity(0)
    chosen = set(sorted(before)[:2])
    os.sched_setaffinity(0, chosen)
    yield chosen
    os.sched_setaffinity(0, before)


def placed() -> set[int]:
    """The other threads that may run on one processor alone."""
    own = threading.get_native_id()
    found = set()
    for each in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # those of earlier tests may end meanwhile
            if int(each.name) != own and len(os.sched_getaffinity(int(each.name))) == 1:
                found.add(int(each.name))
    return found


def run(work: Callable[[], None]) -> None:
    in_background(work, "compute").result()


def test_a_helper_may_not_run_where_the_thread_runs_that_it_helps(two: set[int]) -> None:
    def compute() -> None:
        before, helpers = placed(), set()
        places = HelperPlaces()
        for here in [*two, *two]:
            os.sched_setaffinity(0, {here})
            os.sched_setaffinity(0, two)
            places.compute_in(2)
            assert torch.get_num_threads() == 2
            assert os.sched_getaffinity(0) == two
            (helper,) = placed() - before
            helpers.add(helper)
            torch.ones(1 << 20).sum()
            places.compute_in(1)
        assert len(helpers) == 1

    run(compute)


def test_nothing_is_placed_for_one_thread_or_on_one_processor(two: set[int]) -> None:
    def compute() -> None:
        before = placed()
        HelperPlaces().compute_in(1)
        os.sched_setaffinity(0, {min(two)})
        HelperPlaces().compute_in(2)
        assert not placed() - before
        assert os.sched_getaffinity(0) == {min(two)}

    run(compute)


def test_a_system_that_refuses_stops_nothing(
    two: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    def compute() -> None:
        places = HelperPlaces()
        for threads in (2, 1, 2):
            places.compute_in(threads)
            assert torch.get_num_threads() == threads
            assert torch.ones(1 << 20).sum() == 1 << 20

    with monkeypatch.context() as patched:
        patched.setattr(os, "sched_setaffinity", refused)
        run(compute)


def test_a_text_that_has_help_has_it_from_the_other_processor(two: set[int]) -> None:
    helpers: list[set[int]] = []

    class Layer(nn.Module):
        def forward(self, features: torch.Tensor) -> torch.Tensor:
            until = time.perf_counter() + 2 * LEAST_LAYER
            while torch.get_num_threads() == 1 and time.perf_counter() < until:
                pass
            helpers.append(placed())
            return features

    layers = nn.Sequential(Layer(), Layer(), Layer())
    threads = ComputeThreads(2, divides=True)
    threads.help_with(layers)
    threads.for_texts(lambda: layers(torch.zeros(1)))
    assert len(helpers[-1] - helpers[0]) == 1
