"""Losses to which an equal caption of another photo is no wrong answer."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from photoseek.tuning.losses import loss_of, same_captions


def vectors(seed: int, count: int = 3) -> Tensor:
    drawn = torch.randn(count, 8, generator=torch.Generator().manual_seed(seed))
    return functional.normalize(drawn, dim=-1)


def test_captions_of_others_are_told_whichever_was_picked() -> None:
    same = same_captions(["a", "b", "c"], [("a",), ("b", "a"), ("c",)])
    assert same.tolist() == [[False, True, False], [True, False, False], [False, False, False]]


@pytest.mark.parametrize("bias", [None, torch.tensor(-2.0)])
def test_without_equal_captions_it_is_that_of_openclip(bias: Tensor | None) -> None:
    images, texts, scale = vectors(1), vectors(2), torch.tensor(10.0)
    nothing = torch.zeros(3, 3, dtype=torch.bool)
    logits = scale * images @ texts.T
    if bias is None:
        right = torch.arange(3)
        wanted = functional.cross_entropy(logits, right) + functional.cross_entropy(logits.T, right)
        wanted = wanted / 2
    else:
        signs = 2 * torch.eye(3) - 1
        wanted = -functional.logsigmoid(signs * (logits + bias)).sum() / 3
    assert torch.allclose(loss_of(images, texts, scale, bias, nothing), wanted)


def test_equal_captions_do_not_push_photos_apart() -> None:
    """To a photo of a series the texts of the others are not there, and all else is."""
    images, texts, scale = vectors(1), vectors(2), torch.tensor(5.0)
    texts[1] = texts[0]
    same = same_captions(["x", "x", "y"], [("x",), ("x",), ("y",)])
    logits = scale * images @ texts.T
    of_images = [logits[0, [0, 2]], logits[1, [1, 2]], logits[2, [2, 0, 1]]]
    of_texts = [logits.T[0, [0, 2]], logits.T[1, [1, 2]], logits.T[2, [2, 0, 1]]]
    first = torch.tensor(0)
    wanted = sum(functional.cross_entropy(row, first) for row in of_images + of_texts) / 6
    assert torch.allclose(loss_of(images, texts, scale, None, same), torch.as_tensor(wanted))


def test_to_a_sigmoid_model_an_equal_caption_is_right() -> None:
    images, texts = vectors(1), vectors(2)
    texts[1] = texts[0]
    same = same_captions(["x", "x", "y"], [("x",), ("x",), ("y",)])
    scale, bias = torch.tensor(5.0), torch.tensor(-1.0)
    logits = scale * images @ texts.T + bias
    signs = torch.tensor([[1.0, 1, -1], [1, 1, -1], [-1, -1, 1]])
    wanted = -functional.logsigmoid(signs * logits).sum() / 3
    assert torch.allclose(loss_of(images, texts, scale, bias, same), wanted)


def test_a_batch_of_one_caption_has_a_loss() -> None:
    same = same_captions(["x"] * 3, [("x",)] * 3)
    for bias in (None, torch.tensor(-1.0)):
        assert torch.isfinite(loss_of(vectors(1), vectors(2), torch.tensor(5.0), bias, same))
