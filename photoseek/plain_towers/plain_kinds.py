"""The kinds of models that are plain: CLIP as OpenCLIP has it, and SigLIP with timm's pictures.

What is not said here of a configuration is done by OpenCLIP alone, in torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photoseek.compat.openclip_parts import usual_text, usual_vision
from photoseek.plain_towers.fingerprint import unusual
from photoseek.plain_towers.plans import OPENCLIP, TIMM, Activation, Layers, TextPlan, VisionPlan

_OF_MODEL = {"embed_dim", "vision_cfg", "text_cfg", "quick_gelu", "custom_text", "init_logit_bias"}
_OF_TEXT = {
    *("context_length", "vocab_size", "width", "heads", "layers", "no_causal_mask", "pool_type"),
    *("proj_bias", "act_kwargs", "norm_kwargs"),
    *("hf_tokenizer_name", "tokenizer_kwargs", "tokenizer_mode"),
}
_OF_VISION = {"image_size", "layers", "width", "patch_size", "head_width"}
_OF_TIMM = {"image_size", "timm_model_name", "timm_pool", "timm_proj"}
"""What a plain model and its towers say of themselves."""

_TANH = {"approximate": "tanh"}
_USUAL_EPSILON, _OF_SIGLIP = 1e-5, 1e-6

_SIGLIP: dict[str, tuple[int, int, int, Activation]] = {
    "vit_base_patch32_siglip": (768, 12, 12, "gelu_tanh"),
    "vit_base_patch16_siglip": (768, 12, 12, "gelu"),
    "vit_large_patch16_siglip": (1024, 24, 16, "gelu"),
}
"""Width, layers, heads and activation of those of timm's towers, by what stands before the size."""


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
    prefix = "text." if config.get("custom_text") else ""
    activation: Activation = "gelu_tanh" if act else "gelu"
    layers = Layers(
        name=f"{prefix}transformer.resblocks",
        names=OPENCLIP,
        count=int(text["layers"]),
        width=int(text["width"]),
        heads=int(text["heads"]),
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
        has_bias=bool(text["proj_bias"]),
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
        is_siglip = (vision["timm_pool"], vision["timm_proj"]) == ("map", "none")
        return _of_timm(vision, config) if is_siglip and said <= _OF_TIMM else None
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
        activation="quick_gelu" if quick_gelu else "gelu",
        epsilon=_USUAL_EPSILON,
    )
    return None if size % patch else VisionPlan(layers, size, patch, has_pool=False)


def _of_timm(vision: Mapping[str, Any], config: Mapping[str, Any]) -> VisionPlan | None:
    family, _, size = str(vision["timm_model_name"]).rpartition("_")
    if family not in _SIGLIP or size != str(vision["image_size"]):
        return None
    width, count, heads, activation = _SIGLIP[family]
    patch = int(family.partition("patch")[2].partition("_")[0])
    if width != config["embed_dim"] or vision["image_size"] % patch:
        return None
    layers = Layers("visual.trunk.blocks", TIMM, count, width, heads, activation, _OF_SIGLIP)
    return VisionPlan(layers, int(size), patch, has_pool=True)
