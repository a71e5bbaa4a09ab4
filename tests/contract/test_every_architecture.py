"""Each architecture that weights are published for, in its own size, with random weights.

It takes 40 minutes of one processor, and 7 GB of memory. Those of more than two billion weights are
run on torch's `meta` device, which computes shapes and no numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from photoseek.catalogue.sizes import MILLIONS
from photoseek.compat.openclip import fuse
from photoseek.model.packed_linear import packed_in
from photoseek.model.packing import pack_text_tower
from photoseek.model.proof import pictures
from photoseek.model.towers import WeightsInFile
from scripts.model_runs import architectures
from tests.support.random_models import (
    config_of,
    default_type,
    model_of,
    network_of,
    tokenizer_of,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

EXACT, ROUNDED = 1_000_000_000, 2_000_000_000
"""Up to how many weights a network is run in float32, and in bfloat16."""

TEXTS = ["owl", "a red car at night", "waves on a beach under a cloudy sky, " * 20]


def nearest(one: np.ndarray, other: np.ndarray) -> float:
    assert np.isfinite(one).all()
    return float((one * other).sum(axis=1).min())


def one_by_one(encode: Any, members: Sequence[Any]) -> np.ndarray:
    return np.concatenate([encode([member]) for member in members])


@pytest.mark.parametrize("architecture", architectures())
def test_an_architecture_embeds_pictures_and_texts(architecture: str, tmp_path: Path) -> None:
    config = config_of(architecture, tmp_path)
    tokenizer = tokenizer_of(config, tmp_path / "tokenizer")
    with torch.device("meta"):
        network = network_of(config)
    weights = sum(weight.numel() for weight in network.state_dict().values())
    assert round(weights / 1e6) == MILLIONS[architecture]
    if weights > ROUNDED:
        assert_shapes(network, tokenizer, int(config["embed_dim"]))
        return
    torch.manual_seed(0)
    is_exact = weights <= EXACT
    with default_type(torch.float32 if is_exact else torch.bfloat16):
        network = network_of(config)
    fuse(network.visual)
    weights = WeightsInFile(network)
    model = model_of(network, tokenizer, "fp32" if is_exact else "bf16")
    seen = pictures(model.input_shape.size)[:2]
    images, texts = model.encode_images(seen), model.encode_texts(TEXTS)
    assert images.shape == (2, config["embed_dim"])
    assert texts.shape == (3, config["embed_dim"])
    same = 0.9999 if is_exact else 0.99
    assert nearest(images, one_by_one(model.encode_images, seen)) > same
    assert nearest(texts, one_by_one(model.encode_texts, TEXTS)) > same
    if not is_exact:
        return
    rounded = model_of(network, tokenizer, "bf16")
    assert nearest(rounded.encode_texts(TEXTS), texts) > 0.99
    assert nearest(rounded.encode_images(seen), images) > 0.99
    weights.put_back()
    if make := packed_in(torch.float32):
        pack_text_tower(network, make)
        assert nearest(model_of(network, tokenizer, "fp32").encode_texts(TEXTS), texts) > 0.999


def assert_shapes(network: Any, tokenizer: Any, dimensions: int) -> None:
    size = network.visual.image_size
    size = size if isinstance(size, int) else size[0]
    tokens = torch.from_numpy(tokenizer(TEXTS)).to("meta")
    planes = torch.empty(2, 3, size, size, device="meta")
    with torch.inference_mode():
        assert network.encode_text(tokens).shape == (3, dimensions)
        assert network.encode_image(planes).shape == (2, dimensions)
