"""Matrices of a text tower, packed once for the few rows that a text has.

To encode a text is to read every weight of the tower from memory once, and to multiply it by 8 to
64 rows. What PyTorch multiplies with takes another order of the weights than they have: where it
computes in bfloat16, oneDNN brings each matrix into its own order for each text, unless that was
done before. In float32 FBGEMM keeps them as float16, which is half of the bytes, and computes in
float32.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

ROWS = 64
"""Of features that oneDNN orders the weights for. Others are computed with these as well."""


class Float16Linear(nn.Module):
    """Takes the place of a `torch.nn.Linear` in float32, for inference."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        """Pack the weights.

        Raises:
            RuntimeError: PyTorch was built without FBGEMM.
        """
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that some weights are too small for float16
            self._packed = torch.ops.quantized.linear_prepack_fp16(weight.detach(), _plain(bias))
        # What is left of it for those who ask what type a layer computes in.
        self.register_buffer("weight", torch.empty(0), persistent=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Features of shape (..., in) to features of shape (..., out)."""
        rows = features.reshape(-1, features.shape[-1])
        out: torch.Tensor = torch.ops.quantized.linear_dynamic_fp16(rows, self._packed)
        return out.view(*features.shape[:-1], -1)


class BFloat16Linear(nn.Module):
    """Takes the place of a `torch.nn.Linear` in bfloat16, for inference."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        """Pack the weights, as they are.

        Raises:
            RuntimeError, AttributeError, TypeError: PyTorch was built without oneDNN, or has this
                no more.
        """
        super().__init__()
        self._packed = torch.ops.mkldnn._reorder_linear_weight(weight.detach(), ROWS)
        self._bias = None if bias is None else bias.detach().clone()
        self._then = ("none", "")
        self.register_buffer("weight", torch.empty(0, dtype=weight.dtype), persistent=False)

    def forward(self, features: torch.Tensor, others: torch.Tensor | None = None) -> torch.Tensor:
        """Features of shape (..., in) to features of shape (..., out).

        `others`, of that shape, are added before the numbers are rounded, and no activation
        follows then.
        """
        made: torch.Tensor
        if others is None:
            made = torch.ops.mkldnn._linear_pointwise(
                features.contiguous(), self._packed, self._bias, self._then[0], [], self._then[1]
            )
        else:
            made = torch.ops.mkldnn._linear_pointwise.binary(
                features.contiguous(), others.contiguous(), self._packed, self._bias, "add"
            )
        return made

    def take_over(self, activation: nn.GELU) -> None:
        """Do from now on what comes behind it as well, before the numbers are rounded."""
        self._then = ("gelu", activation.approximate)


MakePacked = Callable[[torch.Tensor, torch.Tensor | None], nn.Module]
"""What packs a matrix and its bias."""


def packed_in(dtype: torch.dtype) -> MakePacked | None:
    """What packs matrices that compute in a type; None where this machine does not."""
    make = _KINDS.get(dtype)
    return make if make and _is_right(make, dtype) else None


_KINDS: dict[torch.dtype, MakePacked] = {
    torch.float32: Float16Linear,
    torch.bfloat16: BFloat16Linear,
}


def _is_right(make: MakePacked, dtype: torch.dtype) -> bool:
    """Whether a packed matrix gives what the plain one gives."""
    weight = torch.linspace(-1, 1, 32 * 64).reshape(32, 64).to(dtype)
    rows = torch.linspace(1, -1, 3 * 64).reshape(3, 64).to(dtype)
    bias = torch.linspace(0, 1, 32).to(dtype)
    try:
        with torch.inference_mode():
            layer, expected = make(weight, bias), functional.linear(rows, weight, bias)
            is_right = _is_near(layer(rows), expected)
            if isinstance(layer, BFloat16Linear):
                is_right = is_right and _is_near(layer(rows, expected), 2 * expected)
                layer.take_over(nn.GELU(approximate="tanh"))
                is_right = is_right and _is_near(layer(rows), functional.gelu(expected))
    except (RuntimeError, AttributeError, TypeError, NotImplementedError):
        return False  # no FBGEMM here, as on ARM, no oneDNN, or another version of it
    return is_right


def _is_near(made: torch.Tensor, expected: torch.Tensor) -> bool:
    return torch.allclose(made.float(), expected.float(), rtol=2e-2, atol=2e-2)


def _plain(bias: torch.Tensor | None) -> torch.Tensor | None:
    return None if bias is None else bias.detach()
