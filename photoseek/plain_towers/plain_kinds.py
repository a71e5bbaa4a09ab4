"""The kinds of models that are plain: CLIP as OpenCLIP has it, and SigLIP and PE with timm's
towers for pictures.

What is not said here of a configuration is done by OpenCLIP alone, in torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photoseek.compat.openclip_parts import usual_text, usual_vision
from photoseek.plain_towers.fingerprint import unusual
from photoseek.plain_towers.plans import (
    OPENCLIP,
    TIMM,
    Activation,
    Layers,
    Pool,
    Projection,
    TextPlan,
    VisionPlan,
)

_OF_MODEL = {"embed_dim", "vision_cfg", "text_cfg", "quick_gelu", "custom_text", "init_logit_bias"}
_OF_TEXT = {
    *("context_length", "vocab_size", "width", "heads", "layers", "no_causal_mask", "pool_type"),
    *("proj_bias", "proj_type", "act_kwargs", "norm_kwargs", "mlp_ratio"),
    *("hf_tokenizer_name", "tokenizer_kwargs", "tokenizer_mode"),
}
_OF_VISION = {"image_size", "layers", "width", "patch_size", "head_width", "mlp_ratio"}
_OF_TIMM = {"image_size", "timm_model_name", "timm_pool", "timm_proj"}
"""What a plain model and its towers say of themselves."""

_BLOCKS = "visual.trunk.blocks"
_TANH = {"approximate": "tanh"}
_USUAL_EPSILON, _OF_SIGLIP = 1e-5, 1e-6

_SIGLIP: dict[str, tuple[int, int, int, int, Activation]] = {
    "vit_base_patch32_siglip": (768, 12, 12, 3072, "gelu_tanh"),
    "vit_base_patch16_siglip": (768, 12, 12, 3072, "gelu"),
    "vit_large_patch16_siglip": (1024, 24, 16, 4096, "gelu"),
    "vit_so400m_patch14_siglip": (1152, 27, 16, 4304, "gelu"),
    "vit_so400m_patch16_siglip": (1152, 27, 16, 4304, "gelu_tanh"),
    "vit_giantopt_patch16_siglip": (1536, 40, 16, 6144, "gelu_tanh"),
}
"""Width, layers, heads, width between two matrices and activation of those of timm's towers, by
what stands before the size.
"""

_PE = {
    "vit_pe_core_tiny_patch16_384": (192, 12, 3, 768),
    "vit_pe_core_small_patch16_384": (384, 12, 6, 1536),
    "vit_pe_core_base_patch16_224": (768, 12, 12, 3072),
    "vit_pe_core_large_patch14_336": (1024, 24, 16, 4096),
    "vit_pe_core_gigantic_patch14_448": (1536, 50, 16, 8960),
}
_GIGANTIC = "vit_pe_core_gigantic_patch14_448"
"""It has no token for the whole picture, and its places count from 0."""

_POOL_HEADS = 8


def text_plan(config: Mapping[str, Any], *, quick_gelu: bool) -> TextPlan | None:
    """What the text tower of a configuration does; None where that is not plain."""
    given = config["text_cfg"]
    text = usual_text() | given
    is_plain = unusual(given, usual_text()).keys() <= _OF_TEXT and config.keys() <= _OF_MODEL
    if not is_plain or given.get("ls_init_value") is not None:
        return None
    act, norm = text["act_kwargs"] or {}, text["norm_kwargs"] or {}
    if text["pool_type"] not in ("argmax", "last") or norm.keys() - {"eps"}:
        return None
    if act not in ({}, _TANH) or (act and quick_gelu):
        return None
    if text["proj_type"] not in ("linear", "none"):
        return None
    projection: Projection = "linear" if text["proj_bias"] else "matrix"
    if text["proj_type"] == "none":
        if text["width"] != config["embed_dim"]:
            return None
        projection = "none"
    prefix = "text." if config.get("custom_text") else ""
    activation: Activation = "gelu_tanh" if act else "gelu"
    layers = Layers(
        name=f"{prefix}transformer.resblocks",
        names=OPENCLIP,
        count=int(text["layers"]),
        width=int(text["width"]),
        heads=int(text["heads"]),
        inner=int(text["width"] * text["mlp_ratio"]),
        activation="quick_gelu" if quick_gelu else activation,
        epsilon=float(norm.get("eps", _USUAL_EPSILON)),
    )
    return TextPlan(
        prefix=prefix,
        layers=layers,
        length=int(text["context_length"]),
        vocabulary=int(text["vocab_size"]),
        is_causal=not text["no_causal_mask"],
        reads_last=text["pool_type"] == "last",
        projection=projection,
    )


def vision_plan(
    config: Mapping[str, Any], preprocess: Mapping[str, Any], *, quick_gelu: bool
) -> VisionPlan | None:
    """What the tower for pictures does; None where that is not plain."""
    given = config["vision_cfg"]
    vision = usual_vision() | given
    size = vision["image_size"]
    if given.get("ls_init_value") or not isinstance(size, int):
        return None
    if preprocess["resize_mode"] not in ("shortest", "squash"):
        return None
    if preprocess["interpolation"] not in ("bicubic", "bilinear"):
        return None
    said = unusual(given, usual_vision()).keys()
    if given.get("timm_model_name"):
        if vision["timm_pool"] != "map" or not said <= _OF_TIMM:
            return None
        return _of_siglip(vision, config) if vision["timm_proj"] == "none" else _of_pe(vision)
    count, patch = vision["layers"], vision["patch_size"]
    if not said <= _OF_VISION or not isinstance(count, int) or not isinstance(patch, int):
        return None
    width = int(vision["width"])
    layers = Layers(
        name="visual.transformer.resblocks",
        names=OPENCLIP,
        count=count,
        width=width,
        heads=width // int(vision["head_width"]),
        inner=int(width * vision["mlp_ratio"]),
        activation="quick_gelu" if quick_gelu else "gelu",
        epsilon=_USUAL_EPSILON,
    )
    return None if size % patch else VisionPlan(layers, size, patch)


def _of_siglip(vision: Mapping[str, Any], config: Mapping[str, Any]) -> VisionPlan | None:
    family, _, size = str(vision["timm_model_name"]).rpartition("_")
    if family not in _SIGLIP or size != str(vision["image_size"]):
        return None
    width, count, heads, inner, activation = _SIGLIP[family]
    if width != config["embed_dim"]:
        return None
    layers = Layers(_BLOCKS, TIMM, count, width, heads, inner, activation, _OF_SIGLIP)
    pool = Pool(heads, inner)
    return VisionPlan(layers, int(size), _patch(family), has_whole=False, pool=pool)


def _of_pe(vision: Mapping[str, Any]) -> VisionPlan | None:
    name = str(vision["timm_model_name"])
    size = name.rpartition("_")[2]
    if name not in _PE or vision["timm_proj"] or size != str(vision["image_size"]):
        return None
    width, count, heads, inner = _PE[name]
    has_whole = name != _GIGANTIC
    return VisionPlan(
        layers=Layers(_BLOCKS, TIMM, count, width, heads, inner, "gelu", _USUAL_EPSILON),
        size=int(size),
        patch=_patch(name),
        has_whole=has_whole,
        pool=Pool(_POOL_HEADS, 4 * width),
        first_place=int(has_whole),
    )


def _patch(name: str) -> int:
    return int(name.partition("patch")[2].partition("_")[0])
