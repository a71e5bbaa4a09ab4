"""The text tower, run only as far as a text is long."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any, cast

import torch

from photoseek.tokenizing import Tokenizer, needed_length


class TextTower:
    """Encodes texts with an OpenCLIP network, without the padding where that changes nothing.

    CLIP's own text towers are causal and read the vector off at the end token, so the padding
    behind it costs time and changes nothing. Cutting a short query from 77 to 8 tokens makes it
    six times as fast. Towers that look both ways keep their full length.
    """

    def __init__(self, network: Any, tokenizer: Tokenizer, device: torch.device) -> None:
        self._encode = network.encode_text
        self.tokenizer = tokenizer
        self._device = device
        self._is_whole = getattr(network, "text", None) is None  # CLIP has the parts on itself
        self._tower = network if self._is_whole else network.text
        self._shorter: dict[int, Any] = {}
        self._end_token = end_token(network)

    @property
    def mark(self) -> str:
        """What its tokenizer is told from others by."""
        return self.tokenizer.mark

    def __call__(self, texts: list[str]) -> torch.Tensor:
        """Features of shape (len(texts), dimensions), not normalised."""
        numbers = self.tokenizer(texts)
        length = needed_length(numbers, self._end_token)
        tokens = torch.from_numpy(numbers).to(self._device)
        features = self._encode(tokens) if length == tokens.shape[1] else self._cut(tokens, length)
        return cast(torch.Tensor, features)

    def _cut(self, tokens: torch.Tensor, length: int) -> Any:
        if length not in self._shorter:
            self._shorter[length] = shortened(self._tower, length)
        tower = self._shorter[length]
        return (tower.encode_text if self._is_whole else tower)(tokens[:, :length])


def text_layers(network: Any) -> Iterable[torch.nn.Module]:
    """The layers of a text tower in their order; none where it is not OpenCLIP's own kind."""
    tower = network if getattr(network, "text", None) is None else network.text
    layers: Iterable[torch.nn.Module] = getattr(
        getattr(tower, "transformer", None), "resblocks", ()
    )
    return layers


def end_token(network: Any) -> int | None:
    """The token that a text's vector is read off at, or None where cutting is not safe.

    OpenCLIP's "argmax" pooling is the same rule: its end token has the highest number.
    """
    tower = network if getattr(network, "text", None) is None else network.text
    causal = getattr(tower, "attn_mask", None) is not None
    plain = getattr(tower, "cls_emb", None) is None and not getattr(tower, "use_pad_mask", 0)
    pooling = getattr(tower, "pool_type", getattr(tower, "text_pool_type", None))
    if not (causal and plain):
        return None
    if pooling == "argmax":
        return int(tower.vocab_size) - 1
    return int(getattr(tower, "eos_id", tower.text_eos_id)) if pooling == "eos" else None


def shortened(tower: Any, length: int) -> Any:
    """The tower for texts of `length` tokens; all layers are shared with it."""
    shorter = copy(tower)
    shorter._parameters, shorter._buffers = dict(tower._parameters), dict(tower._buffers)
    # No parameters any more: a trace takes those for fixed, whatever the length is.
    for name in ("positional_embedding", "attn_mask"):
        shorter._parameters.pop(name, None)
        shorter._buffers.pop(name, None)
    shorter.__dict__["positional_embedding"] = tower.positional_embedding[:length]
    shorter.__dict__["attn_mask"] = tower.attn_mask[:length, :length]
    return shorter
