"""A layer of a transformer with packed matrices, and without what nobody reads of it."""

from __future__ import annotations

import torch
from torch import nn

from photoseek.model.attention import attended, by_heads
from photoseek.model.block_parts import BlockParts, gelu_of
from photoseek.model.packed_linear import BFloat16Linear, MakePacked


class PackedBlock(nn.Module):
    """Takes the place of a usual layer, of all its tokens or of one alone.

    Where one token of the last layer is read, the others are asked for what they know, and what
    they become is not computed.
    """

    def __init__(self, parts: BlockParts, make: MakePacked, *, reads: int | None = None) -> None:
        """Pack the matrices; the rest is shared with the layer.

        `reads` is the place of the one token that is read, counted from the end where it is below
        0; None where all are.
        """
        super().__init__()
        width, weight, bias = parts.outer.in_features, parts.inner_weight, parts.inner_bias
        self._heads, self._reads = parts.heads, reads
        self._query: nn.Module | None = None
        if reads is not None:
            self._query = make(weight[:width], None if bias is None else bias[:width])
            weight, bias = weight[width:], None if bias is None else bias[width:]
        self._norm_1, self._inner = parts.norm_1, make(weight, bias)
        self._outer, self._scale_1 = make(parts.outer.weight, parts.outer.bias), parts.scale_1
        self._norm_2, self._widen = parts.norm_2, make(parts.widen.weight, parts.widen.bias)
        self._activation, gelu = parts.activation, gelu_of(parts.activation)
        if isinstance(self._widen, BFloat16Linear) and gelu:
            self._widen.take_over(gelu)
            self._activation = nn.Identity()
        self._narrow, self._scale_2 = make(parts.narrow.weight, parts.narrow.bias), parts.scale_2

    def forward(
        self, features: torch.Tensor, *, attn_mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Features of shape (batch, tokens, width) to the same, or to those of the one token that
        is read, (batch, 1, width). A mask is as `PackedAttention` takes it.
        """
        known = self._norm_1(features)
        if self._query is None:
            queries, keys, values = by_heads(self._inner(known), 3, self._heads)
        else:
            assert attn_mask is None
            features = self._one(features)
            (queries,) = by_heads(self._query(self._one(known)), 1, self._heads)
            keys, values = by_heads(self._inner(known), 2, self._heads)
        mixed = attended(queries, keys, values, attn_mask)
        features = _added(features, self._outer, mixed, self._scale_1)
        inner = self._activation(self._widen(self._norm_2(features)))
        return _added(features, self._narrow, inner, self._scale_2)

    def get_weight_dtype(self) -> torch.dtype:
        """What it computes in, as OpenCLIP asks its layers."""
        weight = self._narrow.weight
        assert isinstance(weight, torch.Tensor)
        return weight.dtype

    def _one(self, features: torch.Tensor) -> torch.Tensor:
        assert self._reads is not None
        return features.select(1, self._reads).unsqueeze(1)


def _added(
    features: torch.Tensor, layer: nn.Module, rows: torch.Tensor, scale: nn.Module
) -> torch.Tensor:
    """Features, and what a matrix makes of rows, scaled."""
    if isinstance(layer, BFloat16Linear) and type(scale) is nn.Identity:
        added: torch.Tensor = layer(rows, features)
    else:
        added = features + scale(layer(rows))
    return added
