"""A whole OpenCLIP network with what is needed to train it and to write it down again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from photoseek.photos import InputShape
from photoseek.records import ModelIdentity
from photoseek.tokenizing import Tokenizer, TokenizerFiles


@dataclass(frozen=True, slots=True, eq=False)
class OpenNetwork:
    """A network in float32 on its device.

    `config` is OpenCLIP's `model_cfg` of it. `tokenizer_files` are those of a tokenizer of its own,
    None where it has OpenCLIP's.
    """

    network: Any
    tokenizer: Tokenizer
    tokenizer_files: TokenizerFiles | None
    identity: ModelIdentity
    config: dict[str, Any]
    quick_gelu: bool
    shape: InputShape

    @property
    def device(self) -> torch.device:
        """Where it is."""
        device: torch.device = next(self.network.parameters()).device
        return device

    @property
    def mean(self) -> Sequence[float]:
        """What is taken from each channel of a picture."""
        return tuple(self.network.visual.preprocess_cfg["mean"])

    @property
    def std(self) -> Sequence[float]:
        """What each channel is divided by."""
        return tuple(self.network.visual.preprocess_cfg["std"])

    def tokenize(self, texts: list[str]) -> torch.Tensor:
        """The tokens of texts, shape (n, length), int64, on the CPU."""
        return torch.from_numpy(self.tokenizer(texts))
