"""What a training step is fed: captions made up each time, drawings changed a little."""

from __future__ import annotations

import random

from torch import Tensor

from photoseek.demo.captions import full_caption, short_caption
from photoseek.demo.scene import Scene
from photoseek.tuning import augmenting
from training.export import Vocabulary, preprocess_config

FULL_SHARE = 0.5
UNKNOWN_SHARE = 0.15
SHIFT, LIGHT = 3, 0.04


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
    return augmenting.augmented(
        pixels, config["mean"], config["std"], rng, shift=SHIFT, light=LIGHT
    )
