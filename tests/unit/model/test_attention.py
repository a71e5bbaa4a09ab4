"""Text towers with packed weights, beside the plain ones."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch

from photoseek.model.attention import (
    PackedAttention,
    PackedLinear,
    can_pack,
    pack_text_tower,
)
from photoseek.model.text import TextTower
from photoseek.tokenizing import make_tokenizer
from tests.support.models import ARCHITECTURES, save_model

pytestmark = pytest.mark.skipif(not can_pack(), reason="this processor has no FBGEMM")

TEXTS = ["car", "a red car at night", "ein rotes Auto bei Nacht auf der Straße", "🚗 سيارة حمراء"]


@pytest.mark.parametrize("architecture", ["demo", *ARCHITECTURES])
def test_packing_hardly_moves_the_vectors(architecture: str, tmp_path: Path) -> None:
    demo = Path(__file__).parents[3] / "photoseek" / "demo" / "model"
    source = f"local-dir:{demo}"
    if architecture != "demo":
        source = save_model(tmp_path, architecture)
    network = open_clip.create_model(source).eval()
    packed = copy.deepcopy(network)
    pack_text_tower(packed)
    kinds = [type(module) for module in packed.modules()]
    assert PackedLinear in kinds
    assert PackedAttention in kinds
    assert sum(p.numel() for p in packed.parameters()) < sum(
        p.numel() for p in network.parameters()
    )
    tokenizer = make_tokenizer({"context_length": network.context_length}, None)
    with torch.inference_mode():
        exact, near = (
            torch.nn.functional.normalize(TextTower(n, tokenizer, torch.device("cpu"))(TEXTS))
            for n in (network, packed)
        )
    assert float((exact * near).sum(dim=1).min()) > 0.9999


def test_a_layer_without_bias_is_packed() -> None:
    plain = torch.nn.Linear(24, 40, bias=False)
    features = torch.rand(2, 3, 24)
    with torch.inference_mode():
        np.testing.assert_allclose(
            PackedLinear(plain.weight, None)(features), plain(features), atol=1e-3
        )
