"""Towers as a CPU computes them soonest: with packed weights, and an activation with its matrix."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Any

from torch import nn

from photoseek.compat.openclip import open_clip
from photoseek.model.attention import PackedAttention, is_plain
from photoseek.model.block_parts import gelu_of, is_vision_transformer_of_timm, parts_of
from photoseek.model.packed_block import PackedBlock
from photoseek.model.packed_linear import BFloat16Linear, MakePacked
from photoseek.model.towers import Tower


def pack_towers(network: Any, make: MakePacked, towers: Collection[Tower]) -> None:
    """Pack what is computed of these towers, in place."""
    if "text" in towers:
        pack_text_tower(network, make)
    if "vision" in towers and make is BFloat16Linear:  # in float32 many rows gain nothing
        pack_vision_tower(network, make)


def pack_vision_tower(network: Any, make: MakePacked) -> None:
    """Pack the tower for pictures, in place, as far as its layers are OpenCLIP's or timm's usual
    ones.
    """
    visual = network.visual
    if _reads_first_token(visual):
        _pack_last(visual.transformer.resblocks, make, reads=0)
    for part in list(visual.modules()):
        if is_vision_transformer_of_timm(part):
            _pack_blocks(part.blocks, make)
        elif type(part) is open_clip.transformer.Transformer:
            _pack_blocks(part.resblocks, make)
    for part in list(visual.modules()):
        if type(part).__name__ == "Mlp" and type(part).__module__.startswith("timm."):
            _pack(part, make)
            first, gelu = part.fc1, gelu_of(part.act)
            if isinstance(first, BFloat16Linear) and gelu:
                first.take_over(gelu)
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
    if _reads_last_token(tower):
        _pack_last(blocks, make, reads=-1)
    _pack_blocks(blocks, make)
    _pack(transformer, make)


def _pack_last(blocks: Any, make: MakePacked, *, reads: int) -> None:
    """Pack the last of several layers for the one token of it that is read."""
    if len(blocks) > 1 and (parts := parts_of(blocks[-1])):
        blocks[-1] = PackedBlock(parts, make, reads=reads)


def _pack_blocks(blocks: Any, make: MakePacked) -> None:
    for number, block in enumerate(blocks):
        if parts := parts_of(block):
            blocks[number] = PackedBlock(parts, make)


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


def _reads_first_token(visual: Any) -> bool:
    """Whether nothing of a picture is read but its first token, that of the whole picture."""
    is_known = type(visual) is open_clip.transformer.VisionTransformer
    return is_known and (
        visual.pool_type == "tok" and visual.attn_pool is None and not visual.output_tokens
    )
