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
from open_clip.model import CLIP

from photoseek.model import load_model
from photoseek.model.attention import attended, by_heads
from photoseek.model.packed_block import PackedBlock
from photoseek.model.packed_linear import BFloat16Linear, Float16Linear, packed_in
from photoseek.model.packing import pack_text_tower, pack_vision_tower
from photoseek.model.text import TextTower
from photoseek.plain_towers.model_files import DEMO_FOLDER
from photoseek.tokenizing import make_tokenizer
from tests.support.models import ARCHITECTURES, DIMENSIONS, TEXT, VISION, save_model

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
    assert PackedBlock in kinds
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
    assert PackedBlock in kinds_of(network)
    for made in (plain, packed):
        near = torch.nn.functional.cosine_similarity(made.float(), expected)
        assert float(near.min()) > 0.999


@can_pack(torch.bfloat16)
@pytest.mark.parametrize(
    "given",
    [{"qk_norm": True}, {"scale_attn_norm": True}, {"init_values": 0.1}, {"class_token": False}],
)
def test_a_layer_of_timm_that_does_more_does_all_of_it(given: dict[str, Any]) -> None:
    torch.manual_seed(0)
    network: Any = torch.nn.Module()
    network.visual = timm.create_model("test_vit", num_classes=0, global_pool="avg", **given).eval()
    planes = torch.rand(4, 3, 160, 160)
    with torch.inference_mode():
        expected = network.visual(planes)
        network.to(torch.bfloat16)
        pack_vision_tower(network, BFloat16Linear)
        made = network.visual(planes.bfloat16()).float()
    assert BFloat16Linear in kinds_of(network)
    assert (PackedBlock in kinds_of(network)) == (not {"qk_norm", "scale_attn_norm"} & {*given})
    assert float(torch.nn.functional.cosine_similarity(made, expected).min()) > 0.999


@can_pack(torch.bfloat16)
@pytest.mark.parametrize(
    ("given", "tokens"),
    [
        ({}, 1),
        ({"final_ln_after_pool": True}, 1),
        ({"ls_init_value": 0.1}, 1),
        ({"act_kwargs": {"approximate": "tanh"}}, 1),
        ({"pool_type": "avg"}, 65),
        ({"pool_type": "none", "attentional_pool": True}, 65),
        ({"output_tokens": True}, 65),
    ],
)
def test_of_a_last_layer_only_the_tokens_that_are_read_are_computed(
    given: dict[str, Any], tokens: int
) -> None:
    torch.manual_seed(0)
    vision = VISION | {"image_size": 64, "layers": 2} | given
    network = CLIP(DIMENSIONS, vision, TEXT).eval()
    planes, computed = torch.rand(4, 3, 64, 64), []
    with torch.inference_mode():
        expected = network.encode_image(planes)
        network.to(torch.bfloat16)
        pack_vision_tower(network, BFloat16Linear)
        blocks: Any = network.visual.transformer.resblocks
        blocks[-1].register_forward_hook(lambda *said: computed.append(said[-1].shape[1]))
        made = network.encode_image(planes.bfloat16())
    assert [type(block) for block in blocks] == [PackedBlock, PackedBlock]
    assert computed == [tokens]
    for near, right in zip(_all(made), _all(expected), strict=True):
        assert float(torch.nn.functional.cosine_similarity(near.float(), right, -1).min()) > 0.999


def _all(made: Any) -> list[torch.Tensor]:
    return list(made) if isinstance(made, tuple) else [made]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("batch", "tokens"), [(1, 64), (4, 50), (9, 64), (5, 300), (4, 1)])
def test_attention_by_steps_takes_over_what_pytorchs_does(
    batch: int, tokens: int, dtype: torch.dtype
) -> None:
    torch.manual_seed(0)
    made = (3 * torch.randn(batch, tokens, 3 * 12 * 16)).to(dtype)
    queries, keys, values = by_heads(made.float(), 3, 12)
    expected = torch.nn.functional.scaled_dot_product_attention(queries, keys, values)
    expected = expected.transpose(1, 2).reshape(batch, tokens, 12 * 16)
    asked, known, told = by_heads(made, 3, 12)
    rounded = attended(asked, known, told, None)
    near = 1e-5 if dtype == torch.float32 else 0.06  # scores go beyond 30, and stay in float32
    torch.testing.assert_close(rounded.float(), expected, atol=near, rtol=0)


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
