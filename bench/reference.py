"""The reference: one process, PIL, OpenCLIP's own preprocessing, fp32, batches of 32."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import open_clip
import torch
from PIL import Image

BATCH = 32


def main(model: str, folder: Path, warm: int = 8) -> None:
    """Print photos per second and CPU ms of a photo; the first photos warm up."""
    network, preprocess = open_clip.create_model_from_pretrained(model)
    network.eval()
    paths = sorted(folder.glob("*.jpg"))

    def encode(batch: list[Path]) -> None:
        pictures = torch.stack([preprocess(Image.open(path)) for path in batch])
        with torch.inference_mode():
            network.encode_image(pictures, normalize=True)

    encode(paths[:warm])
    rest = paths[warm:]
    start, busy = time.perf_counter(), time.process_time()
    for i in range(0, len(rest), BATCH):
        encode(rest[i : i + BATCH])
    seconds, cpu = time.perf_counter() - start, time.process_time() - busy
    print(len(rest) / seconds, 1000 * cpu / len(rest))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
