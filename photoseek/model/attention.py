"""Half the bytes for the weights of a text tower on CPUs that compute in float32.

To encode a short text is to read every weight of the tower from memory once. FBGEMM, the library
that PyTorch multiplies small matrices with, keeps them as float16 and computes in float32.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import nn
from torch.nn import functional


class PackedLinear(nn.Module):
    """Takes the place of a `torch.nn.Linear` in inference."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        """Pack the weights.

        Raises:
            RuntimeError: PyTorch was built without FBGEMM.
        """
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that some weights are too small for float16
            self._packed = torch.ops.quantized.linear_prepack_fp16(weight.detach(), bias)
        # What is left of it for those who ask what type a layer computes in.
        self.register_buffer("weight", torch.empty(0), persistent=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Features of shape (..., in) to features of shape (..., out)."""
        rows = features.reshape(-1, features.shape[-1])
        out: torch.Tensor = torch.ops.quantized.linear_dynamic_fp16(rows, self._packed)
        return out.view(*features.shape[:-1], -1)


class PackedAttention(nn.Module):
    """Takes the place of a `torch.nn.MultiheadAttention` whose three inputs are one."""

    def __init__(self, attention: nn.MultiheadAttention) -> None:
        super().__init__()
        assert attention.in_proj_weight is not None
        self._heads = attention.num_heads
        self._qkv_proj = PackedLinear(attention.in_proj_weight, _detached(attention.in_proj_bias))
        self._out_proj = PackedLinear(attention.out_proj.weight, _detached(attention.out_proj.bias))

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


def can_pack() -> bool:
    """Whether this machine multiplies with packed weights."""
    try:
        PackedLinear(torch.zeros(1, 1), None)
    except RuntimeError:  # no FBGEMM here, as on ARM
        return False
    return True


def pack_text_tower(network: Any) -> None:
    """Pack the transformer that reads texts, in place. Its features stay nearly the same: their
    cosine similarity to the exact ones is above 0.9999.
    """
    transformer = getattr(getattr(network, "text", network), "transformer", None)
    if transformer is not None:
        _pack(transformer)


def _pack(module: nn.Module) -> None:
    for name, child in module.named_children():
        if type(child) is nn.Linear:
            setattr(module, name, PackedLinear(child.weight, _detached(child.bias)))
        elif isinstance(child, nn.MultiheadAttention):
            if is_plain(child):
                setattr(module, name, PackedAttention(child))
        else:
            _pack(child)


def is_plain(attention: nn.MultiheadAttention) -> bool:
    """Whether it does no more than `PackedAttention`."""
    return (
        attention.batch_first
        and attention.in_proj_weight is not None
        and attention.bias_k is None
        and not attention.add_zero_attn
    )


def _detached(bias: torch.Tensor | None) -> torch.Tensor | None:
    return None if bias is None else bias.detach()
