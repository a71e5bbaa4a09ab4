"""Attention in single steps, whose matrices may be packed."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from photoseek.model.packed_linear import MakePacked

FEWEST, FEWEST_AT_ONCE = 48, 4
"""Tokens, and pictures or texts, from which on attention in bfloat16 is faster step by step."""

AT_ONCE, MOST = 1 << 18, 1 << 20
"""Scores in float32 that are in work at once, 1 MB, and up to which such steps are faster."""


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
        queries, keys, values = by_heads(self._qkv_proj(query), 3, self._heads)
        return self._out_proj(attended(queries, keys, values, attn_mask)), None


def by_heads(made: torch.Tensor, count: int, heads: int) -> torch.Tensor:
    """What one matrix made, such as queries, keys and values one beside the other, shape (batch,
    tokens, count * width), in the shape (count, batch, heads, tokens, width of a head).
    """
    batch, tokens, width = made.shape
    return made.view(batch, tokens, count, heads, width // count // heads).permute(2, 0, 3, 1, 4)


def attended(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    """What each token takes over from others, shape (batch, tokens, width).

    All three have the shape (batch, heads, tokens, width of a head), and a mask has that of
    `PackedAttention`.
    """
    batch, heads, tokens, size = queries.shape
    if mask is not None and mask.ndim == 3:
        mask = mask.view(batch, heads, tokens, keys.shape[2])
    if queries.dtype == torch.bfloat16 and mask is None and _are_faster_by_steps(queries, keys):
        mixed = _by_steps(queries, keys, values)
    else:
        mixed = functional.scaled_dot_product_attention(queries, keys, values, mask)
    return mixed.transpose(1, 2).reshape(batch, tokens, heads * size)


def _are_faster_by_steps(queries: torch.Tensor, keys: torch.Tensor) -> bool:
    batch, heads, tokens, _ = queries.shape
    are_many = batch >= FEWEST_AT_ONCE and tokens >= FEWEST
    return are_many and heads * tokens * keys.shape[2] <= MOST


def _by_steps(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """What PyTorch does in one operation, sooner: its own has large blocks for few tokens.

    Scores are float32 as there, and what becomes of them is rounded before it meets the values.
    """
    batch, heads, tokens, size = queries.shape
    step = max(1, AT_ONCE // (heads * tokens * keys.shape[2]))
    mixed = [
        _of_few(*(each[start : start + step].flatten(0, 1) for each in (queries, keys, values)))
        for start in range(0, batch, step)
    ]
    whole = mixed[0] if len(mixed) == 1 else torch.cat(mixed)
    return whole.view(batch, heads, tokens, size)


def _of_few(*of_heads: torch.Tensor) -> torch.Tensor:
    """The same of queries, keys and values of shape (heads, tokens, width of a head)."""
    queries, keys, values = of_heads
    asked, known = (
        each.to(torch.float32, memory_format=torch.contiguous_format) for each in (queries, keys)
    )
    scale = queries.shape[2] ** -0.5
    scores = torch.baddbmm(asked.new_empty(1, 1, 1), asked, known.mT, beta=0, alpha=scale)
    return torch.bmm(torch.softmax(scores, -1).to(values.dtype), values)


def is_plain(attention: nn.MultiheadAttention) -> bool:
    """Whether it does no more than `PackedAttention`."""
    return (
        attention.batch_first
        and attention.in_proj_weight is not None
        and attention.bias_k is None
        and not attention.add_zero_attn
    )
