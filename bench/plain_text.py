"""How long OpenCLIP itself takes for a text, in bfloat16: what a machine's speed is told by.

    python -m bench.plain_text MODEL

Prints the seconds of each text as JSON. Tokens are random, since what they are changes no time.
"""

from __future__ import annotations

import json
import sys
import time

import open_clip
import torch

WARM, TEXTS = 5, 50


def main(model: str) -> None:
    """Encode texts one by one, with as many threads as torch takes."""
    network, _ = open_clip.create_model_from_pretrained(model, precision="pure_bf16")
    network.eval()
    seconds = []
    for _ in range(WARM + TEXTS):
        tokens = torch.randint(1, network.vocab_size, (1, network.context_length))
        start = time.perf_counter()
        with torch.inference_mode():
            network.encode_text(tokens, normalize=True)
        seconds.append(time.perf_counter() - start)
    print(json.dumps(seconds[WARM:]))


if __name__ == "__main__":
    main(sys.argv[1])
