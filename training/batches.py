"""What a training step is fed: captions made up each time, drawings changed a little."""

from __future__ import annotations

import random

import torch
from torch import Tensor
from torch.nn import functional

from photoseek.demo.captions import full_caption, short_caption
from photoseek.demo.scene import Scene
from training.export import Vocabulary, preprocess_config

FULL_SHARE = 0.5
UNKNOWN_SHARE = 0.15
SHIFT = 3


def caption_rows(scene: Scene, vocabulary: Vocabulary, rng: random.Random) -> list[int]:
    """A random caption, sometimes with words in it that mean nothing to the model."""
    caption = full_caption(scene, rng) if rng.random() < FULL_SHARE else short_caption(scene, rng)
    rows = vocabulary.encode(caption)
    if rng.random() < UNKNOWN_SHARE:
        for _ in range(rng.randint(1, 3)):
            rows.insert(rng.randint(0, len(rows)), 0)
    return rows


def augmented(pixels: Tensor, image_size: int, rng: random.Random) -> Tensor:
    """Normalised floats of a batch, some mirrored, shifted a little: [N, 3, S, S]."""
    config = preprocess_config(image_size)
    mean, std = (torch.tensor(config[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
    x = pixels.permute(0, 3, 1, 2).float()
    flip = torch.tensor([rng.random() < 0.5 for _ in range(len(x))])
    x[flip] = x[flip].flip(3)
    x = functional.pad(x, (SHIFT,) * 4, mode="replicate")
    top, left = rng.randint(0, 2 * SHIFT), rng.randint(0, 2 * SHIFT)
    x = x[:, :, top : top + image_size, left : left + image_size]
    normal: Tensor = (x * rng.uniform(0.96, 1.04) / 255 - mean) / std
    return normal.contiguous(memory_format=torch.channels_last)
