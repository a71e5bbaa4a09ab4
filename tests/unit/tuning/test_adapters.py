"""What tuning changes of a network, and what of it is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from photoseek.model import load_model
from photoseek.model.loading import open_network
from photoseek.model.open_network import OpenNetwork
from photoseek.tuning.adapters import Adapters
from photoseek.tuning.model_folder import write_model
from tests.support.models import ARCHITECTURES, save_model

TEXTS = ["a red boat", "two owls at night"]


def disturbed(opened: OpenNetwork) -> Adapters:
    """Adapters as after some training."""
    adapters = Adapters(opened.network, opened.tokenize(TEXTS), seed=1)
    rng = torch.Generator().manual_seed(2)
    adapters.load([torch.randn(each.shape, generator=rng) * 0.1 for each in adapters.state()])
    return adapters


def features(adapters: Adapters, opened: OpenNetwork, share: float) -> torch.Tensor:
    """The vectors of two pictures and two texts."""
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        made = adapters.run(images, opened.tokenize(TEXTS), share=share)
    assert made.images is not None
    assert made.texts is not None
    return torch.cat([made.images, made.texts])


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_is_written_is_what_was_measured(architecture: str, tmp_path: Path) -> None:
    opened = open_network(save_model(tmp_path / "base", architecture), device="cpu")
    adapters = disturbed(opened)
    for share in (0.0, 0.4, 1.0):
        folder = tmp_path / f"{share}"
        preprocess = opened.network.visual.preprocess_cfg
        write_model(folder, adapters.merged(share), opened.config, preprocess)
        again = open_network(f"local-dir:{folder}", device="cpu")
        plain = Adapters(again.network, again.tokenize(TEXTS), seed=0)
        wanted = features(adapters, opened, share)
        assert torch.allclose(features(plain, again, 1.0), wanted, atol=1e-5)
    assert not torch.allclose(
        features(adapters, opened, 0), features(adapters, opened, 1), atol=0.1
    )


def test_nothing_of_it_is_the_model_as_it_was(tmp_path: Path) -> None:
    name = save_model(tmp_path)
    opened = open_network(name, device="cpu")
    made = features(disturbed(opened), opened, 0.0)[2:]
    was = load_model(name, precision="fp32", device="cpu").encode_texts(TEXTS)
    assert torch.allclose(made, torch.from_numpy(was), atol=1e-5)


def test_the_scale_of_the_logits_stays_below_a_hundred(tmp_path: Path) -> None:
    opened = open_network(save_model(tmp_path), device="cpu")
    adapters = Adapters(opened.network, opened.tokenize(TEXTS), seed=1)
    adapters.load([torch.full_like(each, 50.0) for each in adapters.state()])
    adapters.limit_scale()
    assert adapters.run(None, None).scale.item() == pytest.approx(100, rel=1e-4)


def test_another_seed_is_another_beginning(tmp_path: Path) -> None:
    opened = open_network(save_model(tmp_path), device="cpu")
    states = [Adapters(opened.network, opened.tokenize(TEXTS), seed).state() for seed in (0, 0, 1)]
    same = [all(map(torch.equal, states[0], other)) for other in states]
    assert same == [True, True, False]


def test_the_same_step_gives_the_same_gradients_each_time() -> None:
    """Threads that add to one row in any order round in any way."""
    opened = open_network("demo", device="cpu")
    words = ("dress", "t-shirt", "a carton of oat milk", "long sleeve", "two red apples in a box")
    tokens = opened.tokenize([words[n % len(words)] for n in range(32)])
    adapters = Adapters(opened.network, tokens, seed=1)
    rng = torch.Generator().manual_seed(2)
    adapters.load([torch.randn(each.shape, generator=rng) * 0.01 for each in adapters.state()])
    rows = next(iter(adapters.trained()))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = [gradient_of(adapters, tokens, rows) for _ in range(12)]
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(each, found[0]) for each in found)


def gradient_of(adapters: Adapters, tokens: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    made = adapters.run(None, tokens)
    assert made.texts is not None
    (gradient,) = torch.autograd.grad(made.texts.cos().sum(), [rows])
    return gradient
