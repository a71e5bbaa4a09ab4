"""The towers of a plain model as ONNX graphs over its weights as they lie in their file.

Nothing is written to a disk, and no weights are copied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoseek.onnx_towers.graph import OWN, Graph
from photoseek.plain_towers.mapped_weights import MappedWeights
from photoseek.plain_towers.plans import Layers, Pool, TextPlan, VisionPlan
from photoseek.plain_towers.turning import turns_of

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


def draw_text(plan: TextPlan, weights: MappedWeights, dimensions: int) -> DrawnTower:
    """Tokens of shape (batch, length) to features of shape (batch, dimensions)."""
    pen = _Pen(weights, plan.layers)
    graph, prefix = pen.graph, plan.prefix
    table = pen.weight(f"{prefix}token_embedding.weight")
    features = graph.add("Gather", table, "tokens")
    places = pen.weight(f"{prefix}positional_embedding")
    if plan.is_causal:  # texts are cut
        length = graph.add("Shape", "tokens", start=1)
        places = graph.add("Slice", places, graph.numbers([0]), length, graph.numbers([0]))
    features = graph.add("Add", features, places)
    shape = graph.add("Shape", "tokens")
    features = pen.transform(features, shape, is_causal=plan.is_causal)
    if plan.reads_last:
        end = pen.at(features, plan.length - 1)
    else:
        column = graph.add("ArgMax", "tokens", axis=1, keepdims=1)
        end = graph.add("GatherND", features, column, batch_dims=1)
    end = pen.normal(f"{prefix}ln_final", end)
    name = f"{prefix}text_projection"
    if plan.projection == "linear":
        made = pen.linear(f"{name}.weight", f"{name}.bias", end)
    elif plan.projection == "matrix":
        made = graph.add("MatMul", end, pen.weight(name))
    else:
        made = end
    model = graph.model(
        ("tokens", ["batch", "length" if plan.is_causal else plan.length]),
        (made, ["batch", dimensions]),
        of_numbers=True,
    )
    return pen.drawn(model)


def draw_vision(plan: VisionPlan, weights: MappedWeights, dimensions: int) -> DrawnTower:
    """Pictures, scaled and shifted, of shape (batch, 3, size, size) to features of shape (batch,
    dimensions).
    """
    pen = _Pen(weights, plan.layers)
    graph, width, around = pen.graph, plan.layers.width, plan.around
    kernel = [pen.weight(f"{around.patches}.weight")]
    if plan.pool and not plan.is_turned:
        kernel.append(pen.weight(f"{around.patches}.bias"))
    features = graph.add("Conv", "pixels", *kernel, strides=[plan.patch, plan.patch])
    features = graph.add("Reshape", features, graph.numbers([0, width, plan.patches]))
    features = graph.add("Transpose", features, perm=[0, 2, 1])
    batch = graph.add("Shape", "pixels", end=1)
    if plan.has_whole:
        features = graph.add("Concat", pen.repeated(around.whole, batch), features, axis=1)
    features = graph.add("Add", features, pen.weight(around.places))
    if plan.is_turned or not plan.pool:
        features = pen.normal(around.norm_before, features)
    turn = pen.turning(*turns_of(plan)) if plan.is_turned else None
    features = pen.transform(features, pen.shape(batch, plan.tokens), turn=turn)
    if plan.pool is None:
        end = pen.normal(around.norm_after, pen.at(features, 0))
        made = graph.add("MatMul", end, pen.weight("visual.proj"))
    else:
        made = _pooled(pen, pen.normal(around.norm_after, features), batch, plan, plan.pool)
    if plan.is_turned:
        made = pen.linear("visual.trunk.head.weight", "visual.trunk.head.bias", made)
    model = graph.model(
        ("pixels", ["batch", 3, plan.size, plan.size]),
        (made, ["batch", dimensions]),
        of_numbers=False,
    )
    return pen.drawn(model)


def _pooled(pen: _Pen, features: str, batch: str, plan: VisionPlan, pool: Pool) -> str:
    """One question is put to all tokens, and then a small network follows."""
    graph, width, name = pen.graph, plan.layers.width, "visual.trunk.attn_pool"
    asked = pen.linear(
        f"{name}.q.weight", f"{name}.q.bias", pen.weight(f"{name}.latent", (1, width))
    )
    query = graph.add("Expand", asked, pen.shape(batch, 1, width))
    known = pen.linear(f"{name}.kv.weight", f"{name}.kv.bias", pen.flat(features))
    known = graph.add("Reshape", known, pen.shape(batch, plan.tokens, 2 * width))
    key, value = graph.add_many("Split", 2, known, axis=2, num_outputs=2)
    mixed = pen.attention(query, key, value, heads=pool.heads)
    pooled = pen.linear(f"{name}.proj.weight", f"{name}.proj.bias", pen.flat(mixed))
    inner = pen.normal(f"{name}.norm", pooled)
    return graph.add("Add", pooled, pen.network(f"{name}.mlp.fc1", f"{name}.mlp.fc2", inner))


class _Pen:
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
        graph, layers, names = self.graph, self._layers, self._layers.names
        inner_shape = graph.add("Concat", shape, graph.numbers([3 * layers.width]), axis=0)
        outer_shape = graph.add("Concat", shape, graph.numbers([layers.width]), axis=0)
        rows = self.flat(features)
        for name in layers.all():
            weight, bias = f"{name}.{names.inner_weight}", f"{name}.{names.inner_bias}"
            inner = self.linear(weight, bias, self.normal(f"{name}.{names.norm_1}", rows))
            inner = graph.add("Reshape", inner, inner_shape)
            query, key, value = graph.add_many("Split", 3, inner, axis=2, num_outputs=3)
            if turn:
                query, key = turn(query), turn(key)
            mixed = self.attention(query, key, value, heads=layers.heads, is_causal=is_causal)
            mixed = self.flat(mixed)
            outer = f"{name}.{names.outer}"
            rows = graph.add("Add", rows, self.linear(f"{outer}.weight", f"{outer}.bias", mixed))
            inner = self.normal(f"{name}.{names.norm_2}", rows)
            widen, narrow = f"{name}.{names.widen}", f"{name}.{names.narrow}"
            rows = graph.add("Add", rows, self.network(widen, narrow, inner))
        return graph.add("Reshape", rows, outer_shape)
