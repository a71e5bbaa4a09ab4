"""What models are told apart by: their weights, and everything that they do with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from photoseek.compat.openclip import open_clip

_TRAINING = frozenset(
    {
        *("ls_init_value", "patch_dropout", "timm_drop", "timm_drop_path"),
        *("timm_model_pretrained", "hf_model_pretrained"),
    }
)
"""Members of a configuration that change no vector once the weights are loaded."""


def fingerprint(network: Any, config: Mapping[str, Any], *, quick_gelu: bool) -> str:
    """`WEIGHTS-ACTIVATION-SETTINGS` of a network that has its weights, before any rounding.

    WEIGHTS are 16 hex digits over names, shapes and a few values of every weight. SETTINGS are 8
    over what `config`, the model's own configuration, says of heads, pooling, tokens and so on,
    and over how pictures are prepared.
    """
    activation = "quick_gelu" if quick_gelu else "gelu"
    return f"{_weights(network)}-{activation}-{_settings(config, network.visual.preprocess_cfg)}"


def _weights(network: Any) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.flatten()[:16].float().numpy().tobytes())
    return digest.hexdigest()


def _settings(config: Mapping[str, Any], preprocess: Mapping[str, Any]) -> str:
    size = preprocess["size"]
    settings = {
        "vision": _unusual(open_clip.CLIPVisionCfg, config["vision_cfg"]),
        "text": _unusual(open_clip.CLIPTextCfg, config["text_cfg"]),
        "mean": [float(value) for value in preprocess["mean"]],
        "std": [float(value) for value in preprocess["std"]],
        "size": [size, size] if isinstance(size, int) else list(size),
        "resize_mode": preprocess["resize_mode"],
        "interpolation": preprocess["interpolation"],
    }
    text = json.dumps(settings, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def _unusual(kind: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given and differs from OpenCLIP's defaults, so that to write one down says nothing
    new, and a member that a later OpenCLIP adds changes nothing.
    """
    usual = {field.name: field.default for field in fields(kind)}
    return {
        name: value
        for name, value in given.items()
        if name not in _TRAINING and value != usual.get(name)
    }
