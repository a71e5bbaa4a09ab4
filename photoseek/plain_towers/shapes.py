"""What weights a plain model has: two transformers, and what lies around them."""

from __future__ import annotations

from collections.abc import Iterator

from photoseek.plain_towers.plans import Layers, Pool, TextPlan, VisionPlan

Shapes = dict[str, tuple[int, ...]]
"""The shape of each weight by its name."""

SCALARS = ("logit_scale", "logit_bias")
"""Weights that are one number, and none of a vector."""


def shapes_of(
    text: TextPlan, vision: VisionPlan, dimensions: int, *, has_logit_bias: bool
) -> Shapes:
    """The weights of a model with these towers, whose vectors have that length."""
    scalars = SCALARS if has_logit_bias else SCALARS[:1]
    return {
        **dict.fromkeys(scalars, ()),
        **dict(_of_text(text, dimensions)),
        **dict(_of_vision(vision, dimensions)),
        **dict(_of_layers(text.layers)),
        **dict(_of_layers(vision.layers)),
    }


_Named = Iterator[tuple[str, tuple[int, ...]]]


def _of_text(plan: TextPlan, dimensions: int) -> _Named:
    width = plan.layers.width
    yield f"{plan.prefix}token_embedding.weight", (plan.vocabulary, width)
    yield f"{plan.prefix}positional_embedding", (plan.length, width)
    yield from _pair(f"{plan.prefix}ln_final", width)
    if plan.projection == "linear":
        yield from _pair(f"{plan.prefix}text_projection", dimensions, width)
    elif plan.projection == "matrix":
        yield f"{plan.prefix}text_projection", (width, dimensions)


def _of_vision(plan: VisionPlan, dimensions: int) -> _Named:
    width, around, pool = plan.layers.width, plan.around, plan.pool
    by_timm = (1,) if pool else ()
    yield f"{around.patches}.weight", (width, 3, plan.patch, plan.patch)
    if pool and not plan.is_turned:
        yield f"{around.patches}.bias", (width,)
    if plan.has_whole:
        yield around.whole, (*by_timm, *by_timm, width)
    yield around.places, (*by_timm, plan.tokens, width)
    if plan.is_turned or not pool:
        yield from _pair(around.norm_before, width)
    yield from _pair(around.norm_after, width)
    if pool is None:
        yield "visual.proj", (width, dimensions)
    else:
        yield from _of_pool(pool, width)
    if plan.is_turned:
        yield from _pair("visual.trunk.head", dimensions, width)


def _of_pool(pool: Pool, width: int) -> _Named:
    name = "visual.trunk.attn_pool"
    yield f"{name}.latent", (1, 1, width)
    yield from _pair(f"{name}.q", width, width)
    yield from _pair(f"{name}.kv", 2 * width, width)
    yield from _pair(f"{name}.proj", width, width)
    yield from _pair(f"{name}.norm", width)
    yield from _pair(f"{name}.mlp.fc1", pool.inner, width)
    yield from _pair(f"{name}.mlp.fc2", width, pool.inner)


def _of_layers(layers: Layers) -> _Named:
    width, inner, names = layers.width, layers.inner, layers.names
    for layer in layers.all():
        yield from _pair(f"{layer}.{names.norm_1}", width)
        yield from _pair(f"{layer}.{names.norm_2}", width)
        yield f"{layer}.{names.inner_weight}", (3 * width, width)
        yield f"{layer}.{names.inner_bias}", (3 * width,)
        yield from _pair(f"{layer}.{names.outer}", width, width)
        yield from _pair(f"{layer}.{names.widen}", inner, width)
        yield from _pair(f"{layer}.{names.narrow}", width, inner)


def _pair(name: str, rows: int, *sides: int) -> _Named:
    yield f"{name}.weight", (rows, *sides)
    yield f"{name}.bias", (rows,)
