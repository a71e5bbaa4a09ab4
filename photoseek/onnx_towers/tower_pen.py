"""What the towers of a plain model have in common: layers of a transformer over mapped weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoseek.onnx_towers.graph import OWN, Graph
from photoseek.plain_towers.mapped_weights import MappedWeights
from photoseek.plain_towers.plans import Layers

Turn = Callable[[str], str]
"""Draws what is done to queries and keys."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnTower:
    """A model for the runtime, the file that its weights lie in, and those that it is to be given,
    since they lie there in another number format.
    """

    model: bytes
    file: Path
    given: dict[str, NDArray[np.float32]]


class Pen:
    """Draws what both towers have in common."""

    def __init__(self, weights: MappedWeights, layers: Layers) -> None:
        self.graph = Graph()
        self._weights = weights
        self._layers = layers
        self._file = weights.path.resolve()  # the hub's client makes links
        self._given: dict[str, NDArray[np.float32]] = {}

    def drawn(self, model: bytes) -> DrawnTower:
        """The tower that was drawn."""
        return DrawnTower(model, self._file, self._given)

    def weight(self, name: str, shape: tuple[int, ...] | None = None) -> str:
        """A weight as it lies in its file, also of another shape."""
        start, length = self._weights.place(name) or (0, 0)
        if not length:
            self._given[name] = self._weights.whole(name)
        shape = shape or self._weights.shape(name)
        return self.graph.weight(name, shape, self._file.name, start, length)

    def part(self, name: str, first: int, end: int) -> str:
        """Some rows of a weight, from the first to the one before the end, as they lie there."""
        rows, *sides = self._weights.shape(name)
        named = f"{name} {first}"
        start, length = self._weights.place(name) or (0, 0)
        if not length:
            self._given[named] = self._weights.whole(name)[first:end]
        row = length // rows
        shape = (end - first, *sides)
        return self.graph.weight(
            named, shape, self._file.name, start + first * row, (end - first) * row
        )

    def repeated(self, name: str, batch: str) -> str:
        """A weight once for each member of a batch, shape (batch, 1, width)."""
        return self.graph.add("Expand", self.weight(name), self.shape(batch, 1, self._layers.width))

    def shape(self, batch: str, *sides: int) -> str:
        """A shape whose first side is the size of the batch."""
        return self.graph.add("Concat", batch, self.graph.numbers(sides), axis=0)

    def at(self, features: str, place: int) -> str:
        """The features of one token, shape (batch, width)."""
        one = self.graph.add("Gather", features, self.graph.numbers([place]), axis=1)
        return self.flat(one)

    def flat(self, features: str) -> str:
        """All tokens of all members of the batch as rows of one matrix."""
        return self.graph.add("Reshape", features, self.graph.numbers([-1, self._layers.width]))

    def normal(self, name: str, features: str) -> str:
        """Features of mean 0 and variance 1, scaled and moved."""
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.graph.add(
            "LayerNormalization", features, scale, bias, epsilon=self._layers.epsilon
        )

    def linear(self, weight: str, bias: str, rows: str) -> str:
        """Rows by a matrix that lies as PyTorch has it."""
        return self.graph.add("Gemm", rows, self.weight(weight), self.weight(bias), transB=1)

    def network(self, widen: str, narrow: str, rows: str) -> str:
        """Two matrices with an activation between them."""
        inner = self.linear(f"{widen}.weight", f"{widen}.bias", rows)
        if self._layers.activation == "quick_gelu":
            inner = self.graph.add("QuickGelu", inner, domain=OWN, alpha=1.702)
        else:
            way = "tanh" if self._layers.activation == "gelu_tanh" else "none"
            inner = self.graph.add("Gelu", inner, approximate=way)
        return self.linear(f"{narrow}.weight", f"{narrow}.bias", inner)

    def turning(self, cosines: NDArray[np.float32], sines: NDArray[np.float32]) -> Turn:
        """What turns the queries or keys of all tokens, by angles of shape (tokens, half of the
        width of a head).
        """
        graph = self.graph
        first, cosine, sine = graph.numbers([0]), graph.floats(cosines), graph.floats(sines)
        return lambda part: graph.add(
            "RotaryEmbedding", part, first, cosine, sine, domain=OWN, interleaved=1
        )

    def attention(
        self, query: str, key: str, value: str, *, heads: int, is_causal: bool = False
    ) -> str:
        """What each token takes over from others, shape (batch, tokens, width)."""
        return self.graph.add(
            "MultiHeadAttention",
            *(query, key, value),
            domain=OWN,
            num_heads=heads,
            unidirectional=int(is_causal),
        )

    def transform(
        self, features: str, shape: str, *, turn: Turn | None = None, is_causal: bool = False
    ) -> str:
        """Features of shape (batch, tokens, width) that know of each other.

        `shape` is that of the batch and its tokens. `turn` is done to queries and keys.
        """
        rows = self.flat(features)
        for name in self._layers.all():
            rows = self._layer(name, rows, shape, turn=turn, is_causal=is_causal)
        return self._tokens(rows, shape)

    def transform_for_one(self, features: str, shape: str, place: int) -> str:
        """The features of one token that knows of all others, shape (batch, width).

        The last layer is computed for this token alone, since nobody asks what the others become.
        """
        *before, last = self._layers.all()
        rows = self.flat(features)
        for name in before:
            rows = self._layer(name, rows, shape)
        one, norm = self.at(self._tokens(rows, shape), place), f"{last}.{self._layers.names.norm_1}"
        query = self._inner(last, self.normal(norm, one), 0, 1)
        query = self.graph.add("Reshape", query, self.graph.numbers([-1, 1, self._layers.width]))
        known = self._tokens(self._inner(last, self.normal(norm, rows), 1, 3), shape, 2)
        key, value = self.graph.add_many("Split", 2, known, axis=2, num_outputs=2)
        mixed = self.attention(query, key, value, heads=self._layers.heads)
        return self._after(last, one, mixed)

    def _layer(
        self,
        name: str,
        rows: str,
        shape: str,
        *,
        turn: Turn | None = None,
        is_causal: bool = False,
    ) -> str:
        norm = self.normal(f"{name}.{self._layers.names.norm_1}", rows)
        inner = self._tokens(self._inner(name, norm, 0, 3), shape, 3)
        query, key, value = self.graph.add_many("Split", 3, inner, axis=2, num_outputs=3)
        if turn:
            query, key = turn(query), turn(key)
        mixed = self.attention(query, key, value, heads=self._layers.heads, is_causal=is_causal)
        return self._after(name, rows, mixed)

    def _inner(self, layer: str, rows: str, first: int, end: int) -> str:
        """Queries, keys and values of tokens: of these the first to the one before the end."""
        names, width = self._layers.names, self._layers.width
        weight, bias = f"{layer}.{names.inner_weight}", f"{layer}.{names.inner_bias}"
        if (first, end) == (0, 3):
            return self.linear(weight, bias, rows)
        some = (first * width, end * width)
        return self.graph.add(
            "Gemm", rows, self.part(weight, *some), self.part(bias, *some), transB=1
        )

    def _after(self, layer: str, rows: str, mixed: str) -> str:
        """The second half of a layer: what was taken over is added, and a network follows."""
        names = self._layers.names
        outer, widen, narrow = (f"{layer}.{n}" for n in (names.outer, names.widen, names.narrow))
        taken = self.linear(f"{outer}.weight", f"{outer}.bias", self.flat(mixed))
        rows = self.graph.add("Add", rows, taken)
        inner = self.normal(f"{layer}.{names.norm_2}", rows)
        return self.graph.add("Add", rows, self.network(widen, narrow, inner))

    def _tokens(self, rows: str, shape: str, times: int = 1) -> str:
        """Rows as the tokens of a batch, `times` as wide as features are."""
        width = self.graph.numbers([times * self._layers.width])
        return self.graph.add("Reshape", rows, self.graph.add("Concat", shape, width, axis=0))
