"""A second model for a library of drawings, beside the demo's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from photoseek.plain_towers.model_files import DEMO_FOLDER

DEMO = "demo"
DIMENSIONS = 64
_OUTPUTS = {
    "text_projection": 1,
    "visual.attnpool.c_proj.weight": 0,
    "visual.attnpool.c_proj.bias": 0,
}
"""The weights that make vectors, and which of their axes is that of the vector."""


def other_model(folder: Path) -> str:
    """A model in a folder, whose name it gives: the demo's, with every second dimension.

    It finds nearly as well, takes no torch to be made, and its vectors fit no others.
    """
    from safetensors.numpy import load_file, save_file

    shutil.copytree(DEMO_FOLDER, folder)
    file, config = folder / "open_clip_model.safetensors", folder / "open_clip_config.json"
    weights = load_file(file)
    for name, axis in _OUTPUTS.items():
        kept = np.take(weights[name], range(1, 2 * DIMENSIONS, 2), axis)
        weights[name] = np.ascontiguousarray(kept)
    save_file(weights, file)
    document = json.loads(config.read_text())
    document["model_cfg"]["embed_dim"] = DIMENSIONS
    config.write_text(json.dumps(document))
    return f"local-dir:{folder}"
