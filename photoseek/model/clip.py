"""One loaded OpenCLIP model behind two methods."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch

from photoseek.helpers.batching import DynamicBatcher, Embeddings
from photoseek.model.compute_threads import ComputeThreads, pause_between_layers
from photoseek.model.devices import TYPES, encode_in_parts, threads_at_first
from photoseek.model.text import TextTower, text_layers
from photoseek.photos import InputShape
from photoseek.records import ModelIdentity, Pixels
from photoseek.tokenizing import Tokenizer

LARGEST_TEXT_BATCH = 64
"""Texts to a batch: beyond these a processor is busy computing and gains nothing more."""


class ClipModel:
    """Turns pictures and texts into vectors that can be compared by their dot product.

    One that was loaded with one tower does one of the two.

    Safe to call from several threads. Pictures wait for each other, because one call already keeps
    every core busy; texts that wait at the same time are encoded together.

    Attributes:
        identity: name, fingerprint of the weights, and length of the vectors.
        input_shape: what `encode_images` wants its pictures to look like.
        precision: fp32, bf16 or fp16.
        device: where it runs.
        remarks: sentences on better devices and precisions that could not be used.
    """

    remarks: tuple[str, ...] = ()

    def __init__(
        self,
        network: Any,
        tokenizer: Tokenizer | None,
        *,
        identity: ModelIdentity,
        input_shape: InputShape,
        mean: Sequence[float],
        std: Sequence[float],
        precision: str,
        device: str,
    ) -> None:
        self.identity = identity
        self.input_shape = input_shape
        self.precision = precision
        self.device = torch.device(device)
        self._network = network
        self._dtype = TYPES[precision]
        self._text = TextTower(network, tokenizer, self.device) if tokenizer else None
        # (pixel / 255 - mean) / std as one multiplication and one addition
        self._scale = self._per_channel([1 / (255 * s) for s in std])
        self._shift = self._per_channel([-m / s for m, s in zip(mean, std, strict=True)])
        self._threads = ComputeThreads(threads_at_first(), divides=self.device.type == "cpu")
        self._image_lock = threading.Lock()
        # Nothing of it knows this model: one that is given up takes its weights along at once.
        encode = partial(_encoded, self._text, self._threads)
        self._encode_texts = DynamicBatcher(encode, LARGEST_TEXT_BATCH)

    @property
    def text_identity(self) -> ModelIdentity:
        """The same, and how texts are read, where they are."""
        return replace(self.identity, tokenizer=self._text.mark) if self._text else self.identity

    @property
    def tokenizer(self) -> Tokenizer:
        """What makes tokens of its texts."""
        assert self._text is not None, "the text tower was not loaded"
        return self._text.tokenizer

    def encode_images(self, batch: Sequence[Pixels]) -> Embeddings:
        """Embed pictures of shape (size, size, 3), uint8 RGB; any number of them.

        Returns unit vectors of shape (len(batch), dimensions).
        """
        assert self._network.visual is not None, "the vision tower was not loaded"
        if not batch:
            return self._none()
        with self._image_lock:
            return self._threads.for_photos(self._run_vision_tower, batch)

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts; each is cut at the length that the model can read.

        Returns unit vectors of shape (len(texts), dimensions).
        """
        return self._encode_texts(texts) if texts else self._none()

    def prepare_layers(self) -> None:
        """Have photos pause, and texts have help, between two layers; for a model whose layers are
        those that it will have from now on.
        """
        if self.device.type == "cpu":
            if self._network.visual is not None:
                pause_between_layers(self._network.visual)
            if self._text is not None:
                self._threads.help_with(text_layers(self._network))

    def _run_vision_tower(self, batch: Sequence[Pixels]) -> Embeddings:
        with torch.inference_mode():
            return encode_in_parts(self._features_of, batch, str(self.device))

    def _features_of(self, batch: Sequence[Pixels]) -> Embeddings:
        pixels = torch.from_numpy(np.stack(batch)).to(self.device)
        planes = pixels.permute(0, 3, 1, 2).float() * self._scale + self._shift
        return _unit(self._network.encode_image(planes.to(self._dtype)))

    def _none(self) -> Embeddings:
        return np.empty((0, self.identity.dimensions), np.float32)

    def _per_channel(self, values: list[float]) -> torch.Tensor:
        return torch.tensor(values, device=self.device).view(1, 3, 1, 1)


def _encoded(tower: TextTower | None, threads: ComputeThreads, texts: list[str]) -> Embeddings:
    assert tower is not None, "the text tower was not loaded"
    return threads.for_texts(partial(_embedded, tower, texts))


def _embedded(tower: TextTower, texts: list[str]) -> Embeddings:
    with torch.inference_mode():
        return _unit(tower(texts))


def _unit(features: torch.Tensor) -> Embeddings:
    vectors: Embeddings = torch.nn.functional.normalize(features.float(), dim=-1).cpu().numpy()
    return vectors
