"""CLIP's transformer for texts, in NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from photoseek.compat.blas import one_thread
from photoseek.text_tower.mapped_weights import MappedWeights

Features = NDArray[np.float32]
"""Shape (tokens, width)."""

_EPSILON = 1e-5


class TextTransformer:
    """Layers that each add attention to the tokens before, and then a small network of its own."""

    def __init__(self, weights: MappedWeights, *, heads: int, layers: int, quick_gelu: bool):
        self._weights = weights
        self._heads = heads
        self._layers = layers
        self._activation: Callable[[Features], Features] = _quick_gelu if quick_gelu else _gelu

    def encode(self, tokens: list[int]) -> Features:
        """The features of a text, shape (dimensions,), not normalised.

        They are read off at the first of the tokens with the highest number, which ends the text.
        As tokens see only those before them, what comes behind is left out.
        """
        with one_thread():
            return self._encode(tokens[: tokens.index(max(tokens)) + 1])

    def _encode(self, tokens: list[int]) -> Features:
        features = self._weights.rows("token_embedding.weight", tokens)
        features = features + self._weights.whole("positional_embedding")[: len(tokens)]
        for layer in range(self._layers):
            name = f"transformer.resblocks.{layer}"
            features = features + self._attention(name, self._normal(f"{name}.ln_1", features))
            inner = self._linear(f"{name}.mlp.c_fc", self._normal(f"{name}.ln_2", features))
            features = features + self._linear(f"{name}.mlp.c_proj", self._activation(inner))
        end: Features = self._normal("ln_final", features[-1:])[0]
        return end @ self._weights.whole("text_projection")

    def _attention(self, name: str, features: Features) -> Features:
        count, width = features.shape
        matrix = self._weights.whole(f"{name}.attn.in_proj_weight")
        parts = features @ matrix.T + self._weights.whole(f"{name}.attn.in_proj_bias")
        heads = parts.reshape(count, 3, self._heads, -1).transpose(1, 2, 0, 3)
        queries, keys, values = heads  # each of shape (heads, tokens, width / heads)
        scores = queries @ keys.transpose(0, 2, 1) / np.float32(math.sqrt(width // self._heads))
        scores[:, np.triu(np.ones((count, count), bool), 1)] = -np.inf
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        mixed = (shares @ values).transpose(1, 0, 2).reshape(count, width)
        return self._linear(f"{name}.attn.out_proj", mixed)

    def _linear(self, name: str, features: Features) -> Features:
        product: Features = features @ self._weights.whole(f"{name}.weight").T
        return product + self._weights.whole(f"{name}.bias")

    def _normal(self, name: str, features: Features) -> Features:
        centred = features - features.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + np.float32(_EPSILON))
        scaled: Features = centred / spread * self._weights.whole(f"{name}.weight")
        return scaled + self._weights.whole(f"{name}.bias")


def _gelu(features: Features) -> Features:
    """The exact one: NumPy has no error function, and a query has few values."""
    flat = (features.ravel() / np.float32(math.sqrt(2))).tolist()
    errors = np.array(list(map(math.erf, flat)), np.float32).reshape(features.shape)
    return np.multiply(features, (errors + 1) / 2, dtype=np.float32)


def _quick_gelu(features: Features) -> Features:
    gated: Features = np.divide(features, 1 + np.exp(-1.702 * features), dtype=np.float32)
    return gated
