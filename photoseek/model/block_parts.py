"""What the usual layers of a transformer consist of, as OpenCLIP and timm have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from photoseek.compat.openclip import open_clip
from photoseek.model.attention import is_plain

_GELUS = {"GELU": "none", "GELUTanh": "tanh"}
"""What timm calls its activations, beside PyTorch's own of the first name."""


@dataclass(frozen=True, slots=True, eq=False)
class BlockParts:
    """A layer: attention that is normal before and added after, and a network of two matrices that
    is so as well.

    Attributes:
        heads: how many its attention has.
        inner_weight, inner_bias: what makes queries, keys and values, one below the other.
        scale_1, scale_2: what is done to each half before it is added.
    """

    heads: int
    norm_1: nn.Module
    inner_weight: torch.Tensor
    inner_bias: torch.Tensor | None
    outer: nn.Linear
    scale_1: nn.Module
    norm_2: nn.Module
    widen: nn.Linear
    activation: nn.Module
    narrow: nn.Linear
    scale_2: nn.Module


def parts_of(block: Any) -> BlockParts | None:
    """The parts of a layer; None where it does anything else."""
    if type(block) is open_clip.transformer.ResidualAttentionBlock:
        return _of_openclip(block)
    return _of_timm(block) if _is_of_timm(block, "Block") else None


def is_vision_transformer_of_timm(module: nn.Module) -> bool:
    """Whether it is timm's usual one, which asks its layers for nothing but features."""
    return _is_of_timm(module, "VisionTransformer")


def gelu_of(activation: nn.Module) -> nn.GELU | None:
    """The GELU that an activation is; None where it is another one."""
    way = getattr(activation, "approximate", _GELUS.get(type(activation).__name__))
    return nn.GELU(approximate=way) if isinstance(way, str) else None


def _of_openclip(block: Any) -> BlockParts | None:
    attention = block.attn
    if hasattr(block, "ln_1_kv") or not is_plain(attention):
        return None
    return BlockParts(
        heads=attention.num_heads,
        norm_1=block.ln_1,
        inner_weight=attention.in_proj_weight,
        inner_bias=attention.in_proj_bias,
        outer=attention.out_proj,
        scale_1=block.ls_1,
        norm_2=block.ln_2,
        widen=block.mlp.c_fc,
        activation=block.mlp.gelu,
        narrow=block.mlp.c_proj,
        scale_2=block.ls_2,
    )


def _of_timm(block: Any) -> BlockParts | None:
    attention, mlp = block.attn, block.mlp
    if (type(attention).__name__, type(mlp).__name__) != ("Attention", "Mlp"):
        return None
    # Not every version of timm has all of these.
    between = [getattr(attention, name, None) for name in ("q_norm", "k_norm", "norm", "gate")]
    does_more = any(not isinstance(each, nn.Identity | None) for each in (*between, mlp.norm))
    is_one_width = attention.qkv.out_features == 3 * attention.qkv.in_features
    if does_more or not is_one_width or type(mlp.fc1) is not nn.Linear:
        return None
    return BlockParts(
        heads=attention.num_heads,
        norm_1=block.norm1,
        inner_weight=attention.qkv.weight,
        inner_bias=attention.qkv.bias,
        outer=attention.proj,
        scale_1=block.ls1,
        norm_2=block.norm2,
        widen=mlp.fc1,
        activation=mlp.act,
        narrow=mlp.fc2,
        scale_2=block.ls2,
    )


def _is_of_timm(module: nn.Module, name: str) -> bool:
    kind = type(module)
    return kind.__name__ == name and kind.__module__ == "timm.models.vision_transformer"
