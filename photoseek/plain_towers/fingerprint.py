"""What models are told apart by: their weights, and everything that they do with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.compat.openclip_parts import usual_text, usual_vision

FIRST = 16
"""How many values of each weight a fingerprint is made from."""

Weight = tuple[str, tuple[int, ...], NDArray[np.float32]]
"""Name, shape, and the first values of a weight."""

_TRAINING = frozenset(
    {
        *("ls_init_value", "patch_dropout", "timm_drop", "timm_drop_path"),
        *("timm_model_pretrained", "hf_model_pretrained"),
    }
)
"""Members of a configuration that change no vector once the weights are loaded."""


def fingerprint(
    weights: Iterable[Weight],
    config: Mapping[str, Any],
    preprocess: Mapping[str, Any],
    *,
    quick_gelu: bool,
) -> str:
    """`WEIGHTS-ACTIVATION-SETTINGS` of a model, before any rounding.

    WEIGHTS are 16 hex digits over names, shapes and a few values of every weight. SETTINGS are 8
    over what `config`, the model's own configuration, says of heads, pooling, tokens and so on,
    and over how pictures are prepared.
    """
    activation = "quick_gelu" if quick_gelu else "gelu"
    return f"{_weights(weights)}-{activation}-{_settings(config, preprocess)}"


def unusual(given: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """What is given and differs from OpenCLIP's defaults, so that to write one down says nothing
    new, and a member that a later OpenCLIP adds changes nothing.
    """
    return {
        name: value
        for name, value in given.items()
        if name not in _TRAINING and value != usual.get(name)
    }


def _weights(weights: Iterable[Weight]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for name, shape, first in sorted(weights, key=lambda weight: weight[0]):
        digest.update(f"{name}{shape}".encode())
        digest.update(first.astype(np.float32).tobytes())
    return digest.hexdigest()


def _settings(config: Mapping[str, Any], preprocess: Mapping[str, Any]) -> str:
    size = preprocess["size"]
    settings = {
        "vision": unusual(config["vision_cfg"], usual_vision()),
        "text": unusual(config["text_cfg"], usual_text()),
        "mean": [float(value) for value in preprocess["mean"]],
        "std": [float(value) for value in preprocess["std"]],
        "size": [size, size] if isinstance(size, int) else list(size),
        "resize_mode": preprocess["resize_mode"],
        "interpolation": preprocess["interpolation"],
    }
    text = json.dumps(settings, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
