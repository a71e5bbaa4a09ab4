"""The loop that anybody writes with OpenCLIP: vectors of a folder into a file, a text over them.

python -m bench.loop MODEL index FOLDER PLACE
python -m bench.loop MODEL ask TEXT PLACE
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import open_clip
import torch
from PIL import Image

BATCH = 32
HITS = 10


def main(model: str, what: str, given: str, place: Path) -> None:
    """Write `vectors.npz` into a folder, or print the best of it for a text."""
    network, preprocess = open_clip.create_model_from_pretrained(model)
    network.eval()
    if what == "index":
        place.mkdir(parents=True, exist_ok=True)
        paths = sorted(map(str, Path(given).rglob("*.jpg")))
        made = []
        for start in range(0, len(paths), BATCH):
            some = [preprocess(Image.open(path)) for path in paths[start : start + BATCH]]
            with torch.inference_mode():
                made.append(network.encode_image(torch.stack(some), normalize=True).numpy())
        np.savez(place / "vectors.npz", vectors=np.concatenate(made), paths=paths)
        return
    with torch.inference_mode():
        tokens = open_clip.get_tokenizer(model)([given])
        query = network.encode_text(tokens, normalize=True).numpy()[0]
    stored = np.load(place / "vectors.npz")
    best = np.argsort(-(stored["vectors"] @ query))[:HITS]
    print(*stored["paths"][best], sep="\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
