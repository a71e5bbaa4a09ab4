"""When other processors help with the layers of a text."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from photoseek.helpers.pausing import Pauses
from photoseek.helpers.under_way import UNDER_WAY, UnderWay
from photoseek.model import load_model
from photoseek.model.layer_help import LEAST_LAYER, LONGEST_WAIT, LayerHelp
from tests.support.models import save_model

LAYERS = 6


class Machine:
    """A clock, and layers that take a second each alone, and something else with help."""

    def __init__(self, processors: int = 2) -> None:
        self.now = 0.0
        self.threads = 1
        self.alone, self.with_help = 1.0, 0.6
        self.slow_with_help: dict[int, float] = {}  # by place
        self.under_way = UnderWay()
        self.pauses = Pauses()
        self.help = LayerHelp(
            processors,
            set_threads=self.set_threads,
            clock=lambda: self.now,
            under_way=self.under_way,
            pauses=self.pauses,
        )
        self.layers = nn.Sequential(*(Layer(self) for _ in range(LAYERS)))
        self.help.watch(self.layers)
        self.computed_in: list[int] = []

    def set_threads(self, threads: int) -> None:
        self.threads = threads

    def encode(self) -> list[int]:
        """In how many threads each layer of a text was computed."""
        self.computed_in = []
        with self.help.text():
            self.layers(torch.zeros(1))
        assert self.threads == 1
        return self.computed_in


class Layer(nn.Module):
    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._of = (machine,)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        machine = self._of[0]
        with_help = machine.slow_with_help.get(len(machine.computed_in), machine.with_help)
        machine.computed_in.append(machine.threads)
        machine.now += machine.alone if machine.threads == 1 else with_help
        return features


ALONE = [1] * LAYERS


@pytest.mark.parametrize(("processors", "threads"), [(2, 2), (3, 3), (64, 4)])
def test_all_layers_but_the_first_have_help_where_that_is_faster(
    processors: int, threads: int
) -> None:
    machine = Machine(processors)
    for _ in range(3):
        assert machine.encode() == [1] + [threads] * (LAYERS - 1)


def test_one_processor_has_nobody_to_help_it() -> None:
    assert Machine(1).encode() == ALONE


def test_help_ends_with_the_first_layer_that_takes_longer() -> None:
    machine = Machine()
    machine.with_help = 10
    assert machine.encode() == [1, 2, 1, 1, 1, 1]


@pytest.mark.parametrize("slow", [{1: 1.2}, {3: 1.9}, {2: 1.3, 4: 1.5}])
def test_a_slow_layer_does_not_end_help_while_all_of_them_gain(slow: dict[int, float]) -> None:
    machine = Machine()
    machine.slow_with_help = slow
    for _ in range(3):
        assert machine.encode() == [1] + [2] * (LAYERS - 1)


def test_help_ends_once_what_it_gained_is_lost() -> None:
    machine = Machine()
    machine.slow_with_help = {3: 9.0}
    assert machine.encode() == [1, 2, 2, 2, 1, 1]


def test_a_text_that_was_slower_altogether_is_followed_by_one_alone() -> None:
    machine = Machine()
    machine.with_help = 1.02
    tried = [place for place in range(64) if machine.encode() != ALONE]
    assert tried[:6] == [0, 1, 3, 7, 15, 31]


def test_help_ends_within_a_layer_that_takes_long_already() -> None:
    machine, computed_in = Machine(), []

    class Step(nn.Module):
        def forward(self, features: torch.Tensor) -> torch.Tensor:
            computed_in.append(machine.threads)
            machine.now += 1 if machine.threads == 1 else 4
            return features

    layers = [nn.Sequential(Step(), Step(), Step()) for _ in range(3)]
    machine.help.watch(layers)
    with machine.help.text():
        nn.Sequential(*layers)(torch.zeros(1))
    assert computed_in == [1, 1, 1, 2, 1, 1, 1, 1, 1]


def test_help_that_was_slower_is_tried_ever_less_often_until_it_is_faster() -> None:
    machine = Machine()
    machine.with_help = 10
    tried = [place for place in range(1000) if machine.encode() != ALONE]
    assert tried[:6] == [0, 1, 3, 7, 15, 31]
    assert tried[-1] - tried[-2] == LONGEST_WAIT
    machine.with_help = 0.6
    texts = [machine.encode() for _ in range(LONGEST_WAIT + 2)]
    assert texts[-1] == [1] + [2] * (LAYERS - 1)
    machine.with_help = 10
    assert [machine.encode() != ALONE for _ in range(4)] == [True, True, False, True]


def test_nobody_helps_while_other_queries_are_under_way() -> None:
    machine = Machine()
    with machine.under_way.one():
        assert machine.encode() != ALONE
        with machine.under_way.one():
            assert machine.encode() == ALONE


def test_nobody_helps_with_short_layers() -> None:
    machine = Machine()
    machine.alone, machine.with_help = 0.9 * LEAST_LAYER, 0.5 * LEAST_LAYER
    assert machine.encode() == ALONE
    machine.alone = 1.5 * LEAST_LAYER
    assert machine.encode() == [1] + [2] * (LAYERS - 1)


def test_nobody_helps_before_photos_pause() -> None:
    machine = Machine()
    paused_before = 3

    def pause(*_: object) -> None:
        if len(machine.computed_in) == paused_before:
            photos.close()

    for layer in machine.layers:
        layer.register_forward_pre_hook(pause, prepend=True)
    for _ in range(2):
        with ExitStack() as photos:
            photos.enter_context(machine.pauses.work())
            assert machine.encode() == [1] * paused_before + [2] * (LAYERS - paused_before)
    with machine.pauses.work():
        assert machine.encode() == ALONE
    assert machine.encode() == [1] + [2] * (LAYERS - 1)


def test_an_error_in_a_text_ends_help() -> None:
    machine = Machine()
    with suppress(ValueError), machine.help.text():
        for layer in [*machine.layers][:3]:
            layer(torch.zeros(1))
        assert machine.threads == 2
        raise ValueError
    assert machine.threads == 1
    assert machine.encode() == [1] + [2] * (LAYERS - 1)


@pytest.mark.parametrize("architecture", ["plain", "looks-both-ways"])
def test_vectors_are_the_same_with_help_and_without(tmp_path: Path, architecture: str) -> None:
    model = load_model(save_model(tmp_path, architecture))
    for text in ("red", "a red square that is on a blue table"):
        with UNDER_WAY.one(), UNDER_WAY.one():
            alone = model.encode_texts([text])
        assert np.array_equal(model.encode_texts([text]), alone)


def test_whoever_encodes_elsewhere_is_left_alone() -> None:
    machine = Machine()
    machine.layers(torch.zeros(1))
    assert machine.computed_in == ALONE
