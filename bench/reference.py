"""The reference: one process, PIL, OpenCLIP's own preprocessing, fp32, batches of 32."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import open_clip
import torch
from PIL import Image

BATCH = 32


def main(model: str, folder: Path) -> None:
    """Print photos per second; the first eight photos warm up."""
    network, preprocess = open_clip.create_model_from_pretrained(model)
    network.eval()
    paths = sorted(folder.glob("*.jpg"))

    def encode(batch: list[Path]) -> None:
        pictures = torch.stack([preprocess(Image.open(path)) for path in batch])
        with torch.inference_mode():
            network.encode_image(pictures, normalize=True)

    encode(paths[:8])
    rest = paths[8:]
    start = time.perf_counter()
    for i in range(0, len(rest), BATCH):
        encode(rest[i : i + BATCH])
    print(len(rest) / (time.perf_counter() - start))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
