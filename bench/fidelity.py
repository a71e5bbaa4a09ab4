"""How near our vectors are to those of OpenCLIP's own preprocessing in fp32."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import open_clip
import torch
from PIL import Image

from photoseek.errors import PhotoError
from photoseek.model import load_model
from photoseek.photos import ImageLimits, decode


def measure(folder: Path, model: str) -> str:
    """A sentence with the mean and the lowest cosine similarity over every photo in a folder."""
    network, preprocess = open_clip.create_model_from_pretrained(model)
    network.eval()
    ours = load_model(model)
    similarities = []
    for path in sorted(folder.rglob("*.jpg")):
        try:
            decoded = decode(path.read_bytes(), ours.input_shape, ImageLimits())
        except PhotoError:
            continue
        with torch.inference_mode(), Image.open(path) as picture:
            planes = preprocess(picture).unsqueeze(0)
            reference = network.encode_image(planes, normalize=True)[0].numpy()
        similarities.append(float(ours.encode_images([decoded.pixels])[0] @ reference))
    return (
        f"\nCosine to the reference over {len(similarities)} photos: "
        f"mean {np.mean(similarities):.5f}, lowest {np.min(similarities):.5f}"
    )
