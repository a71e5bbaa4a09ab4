"""What weights a plain CLIP has: two transformers, and what lies around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Shapes = dict[str, tuple[int, ...]]
"""The shape of each weight by its name."""


def shapes_of(dimensions: int, vision: Mapping[str, Any], text: Mapping[str, Any]) -> Shapes:
    """The weights of a CLIP with a vision transformer, by what its configuration says."""
    wide, narrow = int(vision["width"]), int(text["width"])
    patch = int(vision["patch_size"])
    patches = (int(vision["image_size"]) // patch) ** 2
    return {
        "logit_scale": (),
        "token_embedding.weight": (int(text["vocab_size"]), narrow),
        "positional_embedding": (int(text["context_length"]), narrow),
        "text_projection": (narrow, dimensions),
        "visual.class_embedding": (wide,),
        "visual.positional_embedding": (patches + 1, wide),
        "visual.conv1.weight": (wide, 3, patch, patch),
        "visual.proj": (wide, dimensions),
        **dict(_pair("ln_final", narrow)),
        **dict(_pair("visual.ln_pre", wide)),
        **dict(_pair("visual.ln_post", wide)),
        **dict(_layers("transformer", narrow, int(text["layers"]))),
        **dict(_layers("visual.transformer", wide, int(vision["layers"]))),
    }


def _layers(name: str, width: int, count: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    for layer in range(count):
        block = f"{name}.resblocks.{layer}"
        yield from _pair(f"{block}.ln_1", width)
        yield from _pair(f"{block}.ln_2", width)
        yield f"{block}.attn.in_proj_weight", (3 * width, width)
        yield f"{block}.attn.in_proj_bias", (3 * width,)
        yield from _pair(f"{block}.attn.out_proj", width, width)
        yield from _pair(f"{block}.mlp.c_fc", 4 * width, width)
        yield from _pair(f"{block}.mlp.c_proj", width, 4 * width)


def _pair(name: str, rows: int, *columns: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (rows, *columns)
    yield f"{name}.bias", (rows,)
