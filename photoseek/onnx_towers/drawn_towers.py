"""The towers of a plain model as ONNX graphs over its weights as they lie in their file.

Nothing is written to a disk, and no weights are copied.
"""

from __future__ import annotations

from photoseek.onnx_towers.tower_pen import DrawnTower, Pen
from photoseek.plain_towers.mapped_weights import MappedWeights
from photoseek.plain_towers.plans import Pool, TextPlan, VisionPlan
from photoseek.plain_towers.turning import turns_of


def draw_text(plan: TextPlan, weights: MappedWeights, dimensions: int) -> DrawnTower:
    """Tokens of shape (batch, length) to features of shape (batch, dimensions)."""
    pen = Pen(weights, plan.layers)
    graph, prefix = pen.graph, plan.prefix
    table = pen.weight(f"{prefix}token_embedding.weight")
    features = graph.add("Gather", table, "tokens")
    places = pen.weight(f"{prefix}positional_embedding")
    if plan.is_causal:  # texts are cut
        length = graph.add("Shape", "tokens", start=1)
        places = graph.add("Slice", places, graph.numbers([0]), length, graph.numbers([0]))
    features = graph.add("Add", features, places)
    shape = graph.add("Shape", "tokens")
    if plan.reads_last and not plan.is_causal:
        end = pen.transform_for_one(features, shape, plan.length - 1)
    elif plan.reads_last:
        end = pen.at(pen.transform(features, shape, is_causal=True), plan.length - 1)
    else:
        features = pen.transform(features, shape, is_causal=plan.is_causal)
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
    pen = Pen(weights, plan.layers)
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
    shape = pen.shape(batch, plan.tokens)
    if plan.pool is None:
        end = pen.normal(around.norm_after, pen.transform_for_one(features, shape, 0))
        made = graph.add("MatMul", end, pen.weight("visual.proj"))
    else:
        turn = pen.turning(*turns_of(plan)) if plan.is_turned else None
        features = pen.transform(features, shape, turn=turn)
        made = _pooled(pen, pen.normal(around.norm_after, features), batch, plan, plan.pool)
    if plan.is_turned:
        made = pen.linear("visual.trunk.head.weight", "visual.trunk.head.bias", made)
    model = graph.model(
        ("pixels", ["batch", 3, plan.size, plan.size]),
        (made, ["batch", dimensions]),
        of_numbers=False,
    )
    return pen.drawn(model)


def _pooled(pen: Pen, features: str, batch: str, plan: VisionPlan, pool: Pool) -> str:
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
