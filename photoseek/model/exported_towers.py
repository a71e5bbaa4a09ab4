"""The two towers of a network as modules that can be written to ONNX."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from photoseek.model.attention import PackedAttention, is_plain
from photoseek.model.packing import pack_text_tower, pack_vision_tower
from photoseek.model.text import end_token, shortened


class ExportedVision(nn.Module):
    """Pictures, scaled and shifted, of shape (batch, 3, size, size) to unit vectors."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self._network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Unit vectors of shape (batch, dimensions)."""
        return functional.normalize(self._network.encode_image(image), dim=-1)


class ExportedText(nn.Module):
    """Tokens of shape (batch, length) to unit vectors.

    A tower whose features are read off at the end of a text takes any length.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self._network = network
        self.end_token = end_token(network)

    def forward(self, text: torch.Tensor) -> torch.Tensor:
        """Unit vectors of shape (batch, dimensions)."""
        network = self._network
        if self.end_token is None:
            features = network.encode_text(text)
        elif getattr(network, "text", None) is None:
            features = shortened(network, text.shape[1]).encode_text(text)
        else:
            features = shortened(network.text, text.shape[1])(text)
        return functional.normalize(features, dim=-1)


def write_out_layers(network: Any) -> None:
    """Write out attention in both towers, and leave out what nobody reads of their last layers."""
    pack_text_tower(network, _as_it_is)
    pack_vision_tower(network, _as_it_is)
    write_out_attention(network)


def write_out_attention(module: nn.Module) -> None:
    """Put the steps of attention in the place of PyTorch's module, whose trace knows one batch."""
    for name, child in module.named_children():
        if isinstance(child, nn.MultiheadAttention) and is_plain(child):
            setattr(module, name, PackedAttention(child, _as_it_is))
        else:
            write_out_attention(child)


def _as_it_is(weight: torch.Tensor, bias: torch.Tensor | None) -> nn.Module:
    """A layer of these very weights."""
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, device="meta")
    layer.weight = nn.Parameter(weight, requires_grad=False)
    if bias is not None:
        layer.bias = nn.Parameter(bias, requires_grad=False)
    return layer
