"""Text towers with packed weights, beside the plain ones."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import timm
import torch

from photoseek.model import load_model
from photoseek.model.attention import PackedAttention, PackedLastBlock
from photoseek.model.packed_linear import BFloat16Linear, Float16Linear, packed_in
from photoseek.model.packing import pack_text_tower, pack_vision_tower
from photoseek.model.text import TextTower
from photoseek.plain_towers.model_files import DEMO_FOLDER
from photoseek.tokenizing import make_tokenizer
from tests.support.models import ARCHITECTURES, save_model

TEXTS = ["car", "a red car at night", "ein rotes Auto bei Nacht auf der Straße", "🚗 سيارة حمراء"]
LAYERS = {torch.float32: Float16Linear, torch.bfloat16: BFloat16Linear}


def can_pack(dtype: torch.dtype) -> pytest.MarkDecorator:
    return pytest.mark.skipif(packed_in(dtype) is None, reason=f"nothing here packs {dtype}")


IN_BOTH = pytest.mark.parametrize(
    "dtype", [pytest.param(each, marks=can_pack(each)) for each in LAYERS]
)


def kinds_of(network: Any) -> list[type]:
    return [type(module) for module in network.modules()]


@IN_BOTH
@pytest.mark.parametrize("architecture", ["demo", *ARCHITECTURES])
def test_packing_hardly_moves_the_vectors(
    architecture: str, dtype: torch.dtype, tmp_path: Path
) -> None:
    source = f"local-dir:{DEMO_FOLDER}"
    if architecture != "demo":
        source = save_model(tmp_path, architecture)
    network = open_clip.create_model(source).to(dtype=dtype).eval()
    packed = copy.deepcopy(network)
    make = packed_in(dtype)
    assert make
    pack_text_tower(packed, make)
    kinds = kinds_of(packed)
    assert LAYERS[dtype] in kinds
    assert PackedAttention in kinds
    assert (PackedLastBlock in kinds) == (architecture == "looks-both-ways")
    assert sum(p.numel() for p in packed.parameters()) < sum(
        p.numel() for p in network.parameters()
    )
    tokenizer = make_tokenizer({"context_length": network.context_length}, None)
    with torch.inference_mode():
        exact, near = (
            torch.nn.functional.normalize(
                TextTower(n, tokenizer, torch.device("cpu"))(TEXTS).float()
            )
            for n in (network, packed)
        )
    assert float((exact * near).sum(dim=1).min()) > 0.9999


@can_pack(torch.bfloat16)
@pytest.mark.parametrize("act", ["gelu", "gelu_tanh", "quick_gelu"])
def test_a_packed_tower_of_timm_sees_what_the_plain_one_sees(act: str) -> None:
    torch.manual_seed(0)
    network: Any = torch.nn.Module()
    network.visual = timm.create_model("test_vit", num_classes=0, act_layer=act).eval()
    exact = copy.deepcopy(network)
    network.to(torch.bfloat16)
    planes = torch.rand(3, 3, 160, 160)
    with torch.inference_mode():
        plain = network.visual(planes.bfloat16())
        pack_vision_tower(network, BFloat16Linear)
        packed = network.visual(planes.bfloat16())
        expected = exact.visual(planes)
    assert BFloat16Linear in kinds_of(network)
    assert (torch.nn.Identity is type(network.visual.blocks[0].mlp.act)) == (act != "quick_gelu")
    for made in (plain, packed):
        near = torch.nn.functional.cosine_similarity(made.float(), expected)
        assert float(near.min()) > 0.999


@IN_BOTH
@pytest.mark.parametrize("rows", [1, 8, 64, 200])
def test_a_packed_layer_does_what_the_plain_one_does(dtype: torch.dtype, rows: int) -> None:
    torch.manual_seed(0)
    plain = torch.nn.Linear(24, 40).to(dtype)
    make = packed_in(dtype)
    assert make
    for bias in (plain.bias, None):
        for features in (torch.rand(2, rows, 24), torch.rand(2, 24, rows).transpose(1, 2)):
            with torch.inference_mode():
                made = make(plain.weight, bias)(features.to(dtype))
                expected = torch.nn.functional.linear(features.to(dtype), plain.weight, bias)
            assert made.shape == (2, rows, 40)
            assert made.dtype == dtype
            np.testing.assert_allclose(made.float(), expected.float(), rtol=1e-2, atol=1e-2)


@can_pack(torch.bfloat16)
@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_a_packed_layer_takes_over_the_activation_behind_it(approximate: str) -> None:
    torch.manual_seed(0)
    gelu = torch.nn.GELU(approximate=approximate)
    blocks = torch.nn.Sequential(torch.nn.Linear(24, 40), gelu, torch.nn.Linear(40, 24))
    network = torch.nn.Module()
    network.transformer = torch.nn.Sequential(blocks, torch.nn.GELU()).to(torch.bfloat16)
    rows = 4 * torch.rand(5, 24, dtype=torch.bfloat16) - 2
    with torch.inference_mode():
        expected = network.transformer(rows)
        pack_text_tower(network, BFloat16Linear)
        made = network.transformer(rows)
    assert kinds_of(network).count(torch.nn.GELU) == 1  # the one behind no matrix
    np.testing.assert_allclose(made.float(), expected.float(), rtol=1e-2, atol=1e-2)


@can_pack(torch.bfloat16)
def test_what_is_packed_is_not_the_memory_that_it_was_made_of() -> None:
    weight, bias = torch.ones(8, 8, dtype=torch.bfloat16), torch.ones(8, dtype=torch.bfloat16)
    layer, rows = BFloat16Linear(weight, bias), torch.ones(1, 8, dtype=torch.bfloat16)
    weight.zero_()
    bias.zero_()
    assert layer(rows).tolist() == [[9.0] * 8]


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_other_types_are_not_packed(dtype: torch.dtype) -> None:
    assert packed_in(dtype) is None


@IN_BOTH
def test_a_machine_that_computes_otherwise_packs_nothing(
    dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = {torch.float32: "quantized", torch.bfloat16: "mkldnn"}[dtype]
    monkeypatch.setattr(torch.ops, name, object())  # a PyTorch that has these operations no more
    assert packed_in(dtype) is None


def test_a_model_that_is_to_be_exact_is_left_as_it_is() -> None:
    network = open_clip.create_model(f"local-dir:{DEMO_FOLDER}").eval()
    tokenizer = make_tokenizer({"context_length": network.context_length}, None)
    with torch.inference_mode():
        features = TextTower(network, tokenizer, torch.device("cpu"))(TEXTS)
        expected = torch.nn.functional.normalize(features).numpy()
    made = load_model("demo", precision="fp32", device="cpu").encode_texts(TEXTS)
    np.testing.assert_allclose(made, expected, atol=1e-6)
