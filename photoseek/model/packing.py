"""Towers as a CPU computes them soonest: with packed weights, and an activation with its matrix."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Any

from torch import nn

from photoseek.compat.openclip import open_clip
from photoseek.model.attention import PackedAttention, PackedLastBlock, is_plain
from photoseek.model.packed_linear import BFloat16Linear, MakePacked
from photoseek.model.towers import Tower

_GELUS = {"GELU": "none", "GELUTanh": "tanh"}
"""What timm calls its activations, beside PyTorch's own of the first name."""


def pack_towers(network: Any, make: MakePacked, towers: Collection[Tower]) -> None:
    """Pack what is computed of these towers, in place."""
    if "text" in towers:
        pack_text_tower(network, make)
    if "vision" in towers and make is BFloat16Linear:  # in float32 many rows gain nothing
        pack_vision_tower(network, make)


def pack_vision_tower(network: Any, make: MakePacked) -> None:
    """Pack the networks between the attentions of the tower for pictures, in place, where they are
    OpenCLIP's or timm's usual ones.
    """
    for part in list(network.visual.modules()):
        if type(part) is open_clip.transformer.ResidualAttentionBlock:
            _pack(part.mlp, make)
        elif type(part).__name__ == "Mlp" and type(part).__module__.startswith("timm."):
            _pack(part, make)
            first, activation = part.fc1, part.act
            way = getattr(activation, "approximate", _GELUS.get(type(activation).__name__))
            if isinstance(first, BFloat16Linear) and way:
                first.take_over(nn.GELU(approximate=way))
                part.act = nn.Identity()


def pack_text_tower(network: Any, make: MakePacked) -> None:
    """Pack the transformer that reads texts, in place. Its features stay nearly the same: their
    cosine similarity to those of before is above 0.9999.
    """
    tower = network if getattr(network, "text", None) is None else network.text
    transformer = getattr(tower, "transformer", None)
    if transformer is None:
        return
    blocks: Any = getattr(transformer, "resblocks", [])
    if len(blocks) > 1 and _reads_last_token(tower) and _is_usual(blocks[-1]):
        blocks[-1] = PackedLastBlock(blocks[-1], make)
    _pack(transformer, make)


def _pack(module: nn.Module, make: MakePacked) -> None:
    for name, child in module.named_children():
        if type(child) is nn.Linear:
            setattr(module, name, make(child.weight, child.bias))
        elif isinstance(child, nn.MultiheadAttention):
            if is_plain(child):
                setattr(module, name, PackedAttention(child, make))
        else:
            _pack(child, make)
    if isinstance(module, nn.Sequential):
        for place, (before, after) in enumerate(pairwise(module.children()), start=1):
            if isinstance(before, BFloat16Linear) and type(after) is nn.GELU:
                before.take_over(after)
                module[place] = nn.Identity()


def _reads_last_token(tower: Any) -> bool:
    """Whether nothing of a text is read but its last token, which has seen all others."""
    pooling = getattr(tower, "pool_type", getattr(tower, "text_pool_type", None))
    says_no = not any(getattr(tower, name, False) for name in ("output_tokens", "use_pad_mask"))
    lacks = all(getattr(tower, name, None) is None for name in ("cls_emb", "attn_mask"))
    return pooling == "last" and says_no and lacks


def _is_usual(block: Any) -> bool:
    """Whether a block does no more than `PackedLastBlock`."""
    is_known = type(block) is open_clip.transformer.ResidualAttentionBlock
    return is_known and not hasattr(block, "ln_1_kv") and is_plain(block.attn)
