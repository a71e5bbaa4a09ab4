"""Attention in single steps, whose matrices may be packed, and without what nobody reads of it."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from photoseek.model.packed_linear import MakePacked


class PackedAttention(nn.Module):
    """Takes the place of a `torch.nn.MultiheadAttention` whose three inputs are one."""

    def __init__(self, attention: nn.MultiheadAttention, make: MakePacked) -> None:
        super().__init__()
        assert attention.in_proj_weight is not None
        self._heads = attention.num_heads
        self._qkv_proj = make(attention.in_proj_weight, attention.in_proj_bias)
        self._out_proj = make(attention.out_proj.weight, attention.out_proj.bias)

    def forward(
        self,
        query: torch.Tensor,
        _key: torch.Tensor,
        _value: torch.Tensor,
        *,
        need_weights: bool,
        attn_mask: torch.Tensor | None,
    ) -> tuple[torch.Tensor, None]:
        """Features of shape (batch, tokens, width) to the same, as OpenCLIP's blocks ask.

        A mask has the shape (tokens, tokens), or (batch * heads, tokens, tokens) where each text
        has one of its own.
        """
        assert not need_weights
        batch, tokens, width = query.shape
        if attn_mask is not None and attn_mask.ndim == 3:
            attn_mask = attn_mask.view(batch, self._heads, tokens, tokens)
        qkv = self._qkv_proj(query).view(batch, tokens, 3, self._heads, width // self._heads)
        queries, keys, values = qkv.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(queries, keys, values, attn_mask)
        return self._out_proj(mixed.transpose(1, 2).reshape(batch, tokens, width)), None


class PackedLastBlock(nn.Module):
    """Takes the place of a tower's last block, where its last token alone is read.

    The others are asked for what they know, and what they become is not computed.
    """

    def __init__(self, block: Any, make: MakePacked) -> None:
        """Pack the attention of an OpenCLIP `ResidualAttentionBlock`; the rest of it is shared."""
        super().__init__()
        attention = block.attn
        width, weight, bias = attention.embed_dim, attention.in_proj_weight, attention.in_proj_bias
        self._heads = attention.num_heads
        self._q_proj = make(weight[:width], bias[:width])
        self._kv_proj = make(weight[width:], bias[width:])
        self._out_proj = make(attention.out_proj.weight, attention.out_proj.bias)
        self._ln_1, self._ls_1 = block.ln_1, block.ls_1
        self._ln_2, self._ls_2 = block.ln_2, block.ls_2
        self.mlp = block.mlp

    def forward(self, features: torch.Tensor, *, attn_mask: torch.Tensor | None) -> torch.Tensor:
        """Features of shape (batch, tokens, width) to the last token's, (batch, 1, width)."""
        assert attn_mask is None
        batch, tokens, width = features.shape
        last, known = features[:, -1:], self._ln_1(features)
        shape = (batch, tokens, 2, self._heads, width // self._heads)
        keys, values = self._kv_proj(known).view(shape).permute(2, 0, 3, 1, 4)
        queries = self._q_proj(known[:, -1:]).view(batch, 1, *shape[3:]).transpose(1, 2)
        mixed = functional.scaled_dot_product_attention(queries, keys, values)
        last = last + self._ls_1(self._out_proj(mixed.transpose(1, 2).reshape(batch, 1, width)))
        made: torch.Tensor = last + self._ls_2(self.mlp(self._ln_2(last)))
        return made


def is_plain(attention: nn.MultiheadAttention) -> bool:
    """Whether it does no more than `PackedAttention`."""
    return (
        attention.batch_first
        and attention.in_proj_weight is not None
        and attention.bias_k is None
        and not attention.add_zero_attn
    )
