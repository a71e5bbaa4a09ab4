"""The two towers of CLIP in NumPy: from tokens and from pixels to features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photoseek.plain_towers.mapped_weights import MappedWeights
from photoseek.plain_towers.transformer import Transformer
from photoseek.records import Pixels


class TextTowerInNumpy:
    """A causal transformer, whose features are read off at the end of a text."""

    def __init__(
        self, weights: MappedWeights, *, heads: int, layers: int, quick_gelu: bool
    ) -> None:
        self._weights = weights
        self._transformer = Transformer(
            weights, "transformer", heads=heads, layers=layers, quick_gelu=quick_gelu
        )

    def encode(self, tokens: list[int]) -> NDArray[np.float32]:
        """The features of a text, shape (dimensions,), not normalised.

        They are read off at the first of the tokens with the highest number, which ends the text.
        As tokens see only those before them, what comes behind is left out.
        """
        tokens = tokens[: tokens.index(max(tokens)) + 1]
        features = self._weights.rows("token_embedding.weight", tokens)
        features = features + self._weights.whole("positional_embedding")[: len(tokens)]
        features = self._transformer(features[np.newaxis], causal=True)
        end = self._transformer.normal("ln_final", features[0, -1])
        product: NDArray[np.float32] = end @ self._weights.whole("text_projection")
        return product


class VisionTowerInNumpy:
    """A transformer over the patches of a picture and one token for all of it."""

    def __init__(
        self,
        weights: MappedWeights,
        *,
        heads: int,
        layers: int,
        patch: int,
        quick_gelu: bool,
        mean: Sequence[float],
        std: Sequence[float],
    ) -> None:
        self._weights = weights
        self._patch = patch
        self._mean, self._std = np.array(mean, np.float32), np.array(std, np.float32)
        self._transformer = Transformer(
            weights, "visual.transformer", heads=heads, layers=layers, quick_gelu=quick_gelu
        )

    def encode(self, batch: Sequence[Pixels]) -> NDArray[np.float32]:
        """The features of pictures, shape (len(batch), dimensions), not normalised."""
        weights, edge = self._weights, self._patch
        pixels = (np.stack(batch) / np.float32(255) - self._mean) / self._std
        count, size = len(batch), pixels.shape[1] // edge
        patches = pixels.reshape(count, size, edge, size, edge, 3).transpose(0, 1, 3, 5, 2, 4)
        kernel = weights.whole("visual.conv1.weight")
        seen = patches.reshape(count, size * size, -1) @ kernel.reshape(len(kernel), -1).T
        whole = np.broadcast_to(weights.whole("visual.class_embedding"), (count, 1, len(kernel)))
        features = np.concatenate([whole, seen], axis=1)
        features = features + weights.whole("visual.positional_embedding")
        normal = self._transformer.normal
        features = self._transformer(normal("visual.ln_pre", features), causal=False)
        product: NDArray[np.float32] = normal("visual.ln_post", features[:, 0]) @ weights.whole(
            "visual.proj"
        )
        return product
