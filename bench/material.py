"""What is measured on: JPEGs of a given size, and ViT-B-32 with random weights.

Speed does not depend on the weights, and the published ones need a network.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from bench.vocabulary import save_vocabulary

VIT_B_32, FAST, SIGLIP_2 = "ViT-B-32", "ViT-B-32-256", "ViT-B-32-SigLIP2-256"
"""The second and the third are `fast` and `standard`."""

SIZES = {"0.2 MP": (544, 368), "12 MP": (4000, 3000)}


def write_photos(folder: Path, size: tuple[int, int], count: int) -> list[Path]:
    """JPEGs of quality 90 that compress about as well as photos do: soft shapes and grain."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed in range(count):
        random = np.random.default_rng(seed)
        shapes = Image.fromarray(random.integers(0, 256, (12, 16, 3), dtype=np.uint8))
        picture = np.asarray(shapes.resize(size, Image.Resampling.BICUBIC), dtype=np.int16)
        grain = random.integers(-8, 9, (*picture.shape[:2], 1), dtype=np.int16)
        path = folder / f"{seed:04}.jpg"
        Image.fromarray(np.clip(picture + grain, 0, 255).astype(np.uint8)).save(path, quality=90)
        paths.append(path)
    return paths


def save_siglip_2(folder: Path) -> str:
    """Save a model of the shape of SigLIP 2's ViT-B-32, which reads 64 tokens of a vocabulary of
    256,000; returns its name.
    """
    name = save_random(folder, SIGLIP_2)
    save_vocabulary(folder)
    return name


def save_vit_b_32(folder: Path) -> str:
    """Save ViT-B-32 with random weights the way a real model is saved; returns its name."""
    return save_random(folder, VIT_B_32)


def save_random(folder: Path, architecture: str) -> str:
    """Save a model of an architecture with random weights; returns its name."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    network = open_clip.create_model(architecture)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(network.state_dict(), folder / "open_clip_model.safetensors")
    config = {
        "model_cfg": open_clip.get_model_config(architecture),
        "preprocess_cfg": {
            "mean": open_clip.OPENAI_DATASET_MEAN,
            "std": open_clip.OPENAI_DATASET_STD,
            "interpolation": "bicubic",
            "resize_mode": "shortest",
        },
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    return f"local-dir:{folder}"
