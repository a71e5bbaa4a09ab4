"""The small model: its shape, its reduced vocabulary while training, its files."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import torch
from open_clip import SimpleTokenizer
from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from open_clip.model import CLIP
from torch import Tensor
from torch.nn import functional

from photoseek.tuning.model_folder import write_model

CONTEXT_LENGTH = 32
FULL_VOCABULARY = 49408
MODEL_FOLDER = Path(__file__).parents[1] / "photoseek" / "demo" / "model"
"""The model that the demo has."""

Loss = Literal["softmax", "sigmoid"]
"""How a model learns which text belongs to which picture: as CLIP does, or as SigLIP does."""

SIGMOID_START = {"init_logit_scale": math.log(10), "init_logit_bias": -10.0}
"""Where SigLIP begins: nearly every pair of a batch does not belong together."""


def model_config(
    image_size: int, width: int, vocabulary: int = FULL_VOCABULARY, loss: Loss = "softmax"
) -> dict[str, Any]:
    """OpenCLIP's `model_cfg`: a ResNet of four single-block stages, a causal text transformer."""
    start: dict[str, Any] = {**SIGMOID_START} if loss == "sigmoid" else {}
    return start | {
        "embed_dim": 128,
        "vision_cfg": {
            "image_size": image_size,
            "layers": [1, 1, 1, 1],
            "width": width,
            "patch_size": None,
        },
        "text_cfg": {
            "context_length": CONTEXT_LENGTH,
            "vocab_size": vocabulary,
            "width": 128,
            "heads": 4,
            "layers": 2,
        },
    }


def preprocess_config(image_size: int) -> dict[str, Any]:
    """OpenCLIP's `preprocess_cfg`: the whole drawing, squashed to a square."""
    return {
        "size": [image_size, image_size],
        "mode": "RGB",
        "mean": list(OPENAI_DATASET_MEAN),
        "std": list(OPENAI_DATASET_STD),
        "interpolation": "bicubic",
        "resize_mode": "squash",
        "fill_color": 0,
    }


class Vocabulary:
    """The few tokens that captions use, numbered from 1 in the tokenizer's order.

    Row 0 stands for every other token. The end token keeps the highest number, because OpenCLIP
    finds a text's end as the position of its highest number.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.tokenizer = SimpleTokenizer(context_length=CONTEXT_LENGTH)
        used = {token for text in texts for token in self.tokenizer.encode(text)}
        ends = {self.tokenizer.sot_token_id, self.tokenizer.eot_token_id}
        self.tokens = sorted(used | ends)
        self.rows = {token: row for row, token in enumerate(self.tokens, 1)}

    def __len__(self) -> int:
        return len(self.tokens) + 1

    def encode(self, text: str) -> list[int]:
        """Rows of a text's tokens, without start and end."""
        return [self.rows.get(token, 0) for token in self.tokenizer.encode(text)]

    def batch(self, texts: list[list[int]]) -> Tensor:
        """Encoded texts between start and end, padded to the longest: [N, L] of int64."""
        start, end = (
            self.rows[self.tokenizer.sot_token_id],
            self.rows[self.tokenizer.eot_token_id],
        )
        longest = min(CONTEXT_LENGTH, 2 + max(len(text) for text in texts))
        rows = torch.zeros(len(texts), longest, dtype=torch.long)
        for i, text in enumerate(texts):
            whole = [start, *text[: CONTEXT_LENGTH - 2], end]
            rows[i, : len(whole)] = torch.tensor(whole)
        return rows


def encode_rows(model: CLIP, rows: Tensor) -> Tensor:
    """Unit vectors of texts without encoding padding: [N, D].

    The same as `model.encode_text` on rows padded to the context length: the transformer is
    causal, so nothing after the end token changes what stands before it.
    """
    length = rows.shape[1]
    hidden = model.token_embedding(rows) + model.positional_embedding[:length]
    hidden = model.ln_final(model.transformer(hidden, attn_mask=model.attn_mask[:length, :length]))
    ends = hidden[torch.arange(len(rows)), rows.argmax(dim=-1)]
    return functional.normalize(ends @ model.text_projection, dim=-1)


def save_model(model: CLIP, vocabulary: Vocabulary, image_size: int, width: int, out: Path) -> None:
    """Write the model with the tokenizer's full vocabulary, in half precision.

    Tokens that no caption uses get the row that was trained to mean "any other word".
    """
    state = {name: value.detach().clone() for name, value in model.state_dict().items()}
    small = state["token_embedding.weight"]
    full = small[0].expand(FULL_VOCABULARY, -1).clone()
    full[torch.tensor(vocabulary.tokens)] = small[1:]
    state["token_embedding.weight"] = full
    halves = {
        name: value.half() if value.is_floating_point() else value for name, value in state.items()
    }
    loss: Loss = "softmax" if model.logit_bias is None else "sigmoid"
    config = model_config(image_size, width, loss=loss)
    write_model(out, halves, config, preprocess_config(image_size))
