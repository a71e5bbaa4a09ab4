"""What weights a plain model has: two transformers, and what lies around them."""

from __future__ import annotations

from collections.abc import Iterator

from photoseek.plain_towers.plans import Layers, TextPlan, VisionPlan

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
        **dict(_pooling(vision) if vision.has_pool else _whole(vision, dimensions)),
        **dict(_of_layers(text.layers)),
        **dict(_of_layers(vision.layers)),
    }


_Named = Iterator[tuple[str, tuple[int, ...]]]


def _of_text(plan: TextPlan, dimensions: int) -> _Named:
    width = plan.layers.width
    yield f"{plan.prefix}token_embedding.weight", (plan.vocabulary, width)
    yield f"{plan.prefix}positional_embedding", (plan.length, width)
    yield from _pair(f"{plan.prefix}ln_final", width)
    if plan.has_bias:
        yield from _pair(f"{plan.prefix}text_projection", dimensions, width)
    else:
        yield f"{plan.prefix}text_projection", (width, dimensions)


def _whole(plan: VisionPlan, dimensions: int) -> _Named:
    """Around the layers of a tower with a token for the whole picture."""
    width = plan.layers.width
    yield "visual.class_embedding", (width,)
    yield "visual.positional_embedding", (plan.patches + 1, width)
    yield "visual.conv1.weight", (width, 3, plan.patch, plan.patch)
    yield "visual.proj", (width, dimensions)
    yield from _pair("visual.ln_pre", width)
    yield from _pair("visual.ln_post", width)


def _pooling(plan: VisionPlan) -> _Named:
    """Around the layers of one of timm's towers that asks all patches at the end."""
    width, pool = plan.layers.width, "visual.trunk.attn_pool"
    yield "visual.trunk.pos_embed", (1, plan.patches, width)
    yield from _pair("visual.trunk.patch_embed.proj", width, 3, plan.patch, plan.patch)
    yield from _pair("visual.trunk.norm", width)
    yield f"{pool}.latent", (1, 1, width)
    yield from _pair(f"{pool}.q", width, width)
    yield from _pair(f"{pool}.kv", 2 * width, width)
    yield from _pair(f"{pool}.proj", width, width)
    yield from _pair(f"{pool}.norm", width)
    yield from _pair(f"{pool}.mlp.fc1", 4 * width, width)
    yield from _pair(f"{pool}.mlp.fc2", width, 4 * width)


def _of_layers(layers: Layers) -> _Named:
    width, names = layers.width, layers.names
    for layer in layers.all():
        yield from _pair(f"{layer}.{names.norm_1}", width)
        yield from _pair(f"{layer}.{names.norm_2}", width)
        yield f"{layer}.{names.inner_weight}", (3 * width, width)
        yield f"{layer}.{names.inner_bias}", (3 * width,)
        yield from _pair(f"{layer}.{names.outer}", width, width)
        yield from _pair(f"{layer}.{names.widen}", 4 * width, width)
        yield from _pair(f"{layer}.{names.narrow}", width, 4 * width)


def _pair(name: str, rows: int, *sides: int) -> _Named:
    yield f"{name}.weight", (rows, *sides)
    yield f"{name}.bias", (rows,)
