"""CLIP's transformers in NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from photoseek.plain_towers.mapped_weights import MappedWeights

Features = NDArray[np.float32]
"""Shape (batch, tokens, width)."""

_EPSILON = np.float32(1e-5)

_ERROR_FUNCTION = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
"""Abramowitz and Stegun 7.1.26, which errs by 1.5e-7 at most; NumPy has none of its own."""


class Transformer:
    """Layers that each add attention to other tokens, and then a small network of its own."""

    def __init__(
        self, weights: MappedWeights, name: str, *, heads: int, layers: int, quick_gelu: bool
    ) -> None:
        self._weights = weights
        self._layers = [f"{name}.resblocks.{layer}" for layer in range(layers)]
        self._heads = heads
        self._activation: Callable[[Features], Features] = _quick_gelu if quick_gelu else _gelu

    def __call__(self, features: Features, *, causal: bool) -> Features:
        """Features that know of each other; where `causal`, of those before them alone."""
        for name in self._layers:
            features = features + self._attention(
                name, self.normal(f"{name}.ln_1", features), causal
            )
            inner = self._linear(f"{name}.mlp.c_fc", self.normal(f"{name}.ln_2", features))
            features = features + self._linear(f"{name}.mlp.c_proj", self._activation(inner))
        return features

    def normal(self, name: str, features: Features) -> Features:
        """Features of mean 0 and variance 1, scaled and moved by the weights of that name."""
        centred = features - features.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + _EPSILON)
        scaled: Features = centred / spread * self._weights.whole(f"{name}.weight")
        return scaled + self._weights.whole(f"{name}.bias")

    def _attention(self, name: str, features: Features, causal: bool) -> Features:
        batch, count, width = features.shape
        parts = self._times(features, f"{name}.attn.in_proj_weight")
        parts = parts + self._weights.whole(f"{name}.attn.in_proj_bias")
        heads = parts.reshape(batch, count, 3, self._heads, -1).transpose(2, 0, 3, 1, 4)
        queries, keys, values = heads  # each of shape (batch, heads, tokens, width / heads)
        scores = queries @ keys.swapaxes(-1, -2) / np.float32(math.sqrt(width // self._heads))
        if causal:
            scores[..., np.triu(np.ones((count, count), bool), 1)] = -np.inf
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        mixed = (shares @ values).swapaxes(1, 2).reshape(batch, count, width)
        return self._linear(f"{name}.attn.out_proj", mixed)

    def _linear(self, name: str, features: Features) -> Features:
        return self._times(features, f"{name}.weight") + self._weights.whole(f"{name}.bias")

    def _times(self, features: Features, name: str) -> Features:
        """All tokens of all members of the batch at once, which is one multiplication."""
        matrix = self._weights.whole(name)
        rows = features.reshape(-1, matrix.shape[1]) @ matrix.T
        return rows.reshape(*features.shape[:-1], -1)


def _gelu(features: Features) -> Features:
    """The exact one. Each step writes over the one before, which halves its time."""
    size = np.abs(features)
    size *= np.float32(math.sqrt(0.5))
    part = np.float32(0.3275911) * size
    part += 1
    np.reciprocal(part, out=part)
    tail = np.full_like(part, _ERROR_FUNCTION[-1])
    for factor in _ERROR_FUNCTION[-2::-1]:
        tail *= part
        tail += np.float32(factor)
    tail *= part
    np.square(size, out=size)
    np.negative(size, out=size)
    tail *= np.exp(size, out=size)
    tail *= np.float32(0.5)  # half of 1 - erf, by which the side of the sign misses the whole
    np.subtract(1, tail, out=tail, where=features >= 0)
    tail *= features
    return tail


def _quick_gelu(features: Features) -> Features:
    gated: Features = features / (1 + np.exp(np.float32(-1.702) * features))
    return gated
