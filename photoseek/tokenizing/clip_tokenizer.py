"""The tokenizer of CLIP, which comes with OpenCLIP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.compat.openclip_parts import clip_tokenizer


class ClipTokenizer:
    """Makes tokens of a text, and fills up with 0 or cuts what is there.

    Attributes:
        length: how many tokens the model reads.
    """

    def __init__(self, length: int, options: Mapping[str, Any]) -> None:
        """`options` are those of OpenCLIP's `SimpleTokenizer`."""
        self.length = length
        self._tokenizer = clip_tokenizer(**options)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """The tokens of texts, shape (len(texts), length); each text is cut at `length`."""
        tokens = np.zeros((len(texts), self.length), np.int64)
        for row, text in zip(tokens, texts, strict=True):
            inner = self._tokenizer.encode(text)[: self.length - 2]
            row[: len(inner) + 2] = [
                self._tokenizer.sot_token_id,
                *inner,
                self._tokenizer.eot_token_id,
            ]
        return tokens

    def is_cut(self, text: str) -> bool:
        """Whether a text is longer than what the model reads of it."""
        return len(self._tokenizer.encode(text)) + 2 > self.length
