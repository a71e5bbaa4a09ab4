"""Photos changed a little each time they are trained on, so that none is learnt by heart."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


def augmented(
    pixels: Tensor,
    mean: Sequence[float],
    std: Sequence[float],
    rng: random.Random,
    *,
    shift: int,
    light: float,
) -> Tensor:
    """Normalised floats of a batch, half of it mirrored, all shifted and lit a little.

    `pixels` are uint8 of shape (n, size, size, 3), and the result has (n, 3, size, size). `shift`
    is in pixels, and `light` the most by which the brightness changes, as a share.
    """
    size = pixels.shape[1]
    means, stds = (_per_channel(values, pixels) for values in (mean, std))
    x = pixels.permute(0, 3, 1, 2).float()
    flip = torch.tensor([rng.random() < 0.5 for _ in range(len(x))], device=x.device)
    x[flip] = x[flip].flip(3)
    x = functional.pad(x, (shift,) * 4, mode="replicate")
    top, left = rng.randint(0, 2 * shift), rng.randint(0, 2 * shift)
    x = x[:, :, top : top + size, left : left + size]
    normal: Tensor = (x * rng.uniform(1 - light, 1 + light) / 255 - means) / stds
    return normal.contiguous(memory_format=torch.channels_last)


def normalised(pixels: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Normalised floats of a batch as it is: (n, size, size, 3) to (n, 3, size, size)."""
    means, stds = (_per_channel(values, pixels) for values in (mean, std))
    normal: Tensor = (pixels.permute(0, 3, 1, 2).float() / 255 - means) / stds
    return normal


def _per_channel(values: Sequence[float], like: Tensor) -> Tensor:
    return torch.tensor(list(values), device=like.device).view(1, 3, 1, 1)
