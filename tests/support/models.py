"""Small OpenCLIP models with random weights, saved the way that real ones are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DIMENSIONS = 32

VISION = {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8}
TEXT = {"context_length": 24, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}

ARCHITECTURES: dict[str, dict[str, Any]] = {
    "plain": {"vision_cfg": VISION, "text_cfg": TEXT},
    "custom-text": {
        "vision_cfg": VISION | {"layers": 2},
        "text_cfg": TEXT,
        "custom_text": True,
    },
    "end-token": {"vision_cfg": VISION, "text_cfg": TEXT | {"pool_type": "eos", "eos_id": 49407}},
    "looks-both-ways": {
        "vision_cfg": VISION,
        "text_cfg": TEXT | {"no_causal_mask": True, "pool_type": "last"},
        "custom_text": True,
    },
}


def save_model(
    folder: Path, architecture: str = "plain", *, seed: int = 0, **preprocess: Any
) -> str:
    """Write a model into `folder`; returns the name to load it by."""
    import torch
    from open_clip.model import CLIP, CustomTextCLIP
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    config = {"embed_dim": DIMENSIONS} | ARCHITECTURES[architecture]
    arguments = {name: value for name, value in config.items() if name != "custom_text"}
    network = (CustomTextCLIP if config.get("custom_text") else CLIP)(**arguments)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    settings = {
        "mean": [0.5, 0.4, 0.3],
        "std": [0.2, 0.3, 0.4],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    }
    document = {"model_cfg": config, "preprocess_cfg": settings | preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(document))
    return f"local-dir:{folder}"


def save_with_tokenizer(folder: Path, kind: str) -> str:
    """Write a model that reads texts with a tokenizer of its own, which lies beside it, into
    `folder`; returns the name to load it by. On the hub it is `photoseek/tiny`.
    """
    from tests.support.made_tokenizers import KINDS

    name = save_model(folder, "looks-both-ways")
    path = folder / "open_clip_config.json"
    document = json.loads(path.read_text())
    config = {"hf_tokenizer_name": "photoseek/tiny", "tokenizer_kwargs": KINDS[kind].options}
    document["model_cfg"]["text_cfg"].update(config)
    path.write_text(json.dumps(document))
    KINDS[kind].save(folder)
    return name


def save_config(folder: Path, config: dict[str, Any]) -> str:
    """Write a model of a configuration, with random weights and with the tokenizer that it names by
    its kind; returns the name to load it by.

    Its `text_tower` is the configuration of one that `transformers` makes.
    """
    import torch
    from safetensors.torch import save_file

    from photoseek.compat.openclip import complete_for
    from tests.support.made_tokenizers import KINDS
    from tests.support.random_models import network_of

    config = {"embed_dim": DIMENSIONS} | config
    tower, kind = config.pop("text_tower", None), config.pop("tokenizer", None)
    folder.mkdir(parents=True, exist_ok=True)
    if kind:
        KINDS[kind].save(folder)
        used = {"hf_tokenizer_name": "photoseek/tiny", "tokenizer_kwargs": KINDS[kind].options}
        config["text_cfg"] = config["text_cfg"] | used
    if tower:
        (folder / "tower").mkdir()
        (folder / "tower" / "config.json").write_text(json.dumps(tower))
        config["text_cfg"] = config["text_cfg"] | {"hf_model_name": str(folder / "tower")}
    complete_for(config)
    torch.manual_seed(0)
    network = network_of(config)
    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    settings = {"mean": [0.5] * 3, "std": [0.3] * 3, "resize_mode": "squash"}
    document = {"model_cfg": config, "preprocess_cfg": settings | {"interpolation": "bicubic"}}
    (folder / "open_clip_config.json").write_text(json.dumps(document))
    return f"local-dir:{folder}"
