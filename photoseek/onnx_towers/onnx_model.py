"""A model whose towers are ONNX files."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from photoseek.errors import WeightsError
from photoseek.helpers.batching import DynamicBatcher, Embeddings
from photoseek.helpers.giving_way import pause_for_others, pausing_work
from photoseek.identity import IN_FOLDER
from photoseek.onnx_towers.drawn_model import DrawnModel
from photoseek.onnx_towers.export_folder import TEXTUAL, VISUAL, ExportFolder
from photoseek.onnx_towers.sessions import Session
from photoseek.records import ModelIdentity, Pixels
from photoseek.tokenizing import Tokenizer, check_reads, needed_length

LARGEST_TEXT_BATCH = 16
LARGEST_IMAGE_BATCH = 8
"""Members of a batch: more take more memory and are not faster on a CPU."""


class OnnxModel:
    """Does what a `photoseek.model.ClipModel` does, in float32 on CPUs, without torch.

    Each tower is loaded when it is first needed. Safe to call from several threads: pictures wait
    for each other, and texts that wait at the same time are encoded together.

    Attributes:
        identity: as torch has it for the same weights, where the folder says what they were.
        input_shape: what `encode_images` wants its pictures to look like; None where they need
            torch.
        is_for_many: whether any number of pictures is encoded here, or torch is faster.
    """

    precision = "fp32"
    device = "cpu"

    def __init__(self, towers: ExportFolder | DrawnModel, *, is_for_many: bool = True) -> None:
        """Take a folder that was read, or weights that are drawn; nothing is loaded yet."""
        self.is_for_many = is_for_many and towers.input_shape is not None
        self.identity = towers.identity
        self.input_shape = towers.input_shape
        self._towers = towers
        # (pixel / 255 - mean) / std as one multiplication and one addition
        self._scale = np.array([1 / (255 * s) for s in towers.std], np.float32)
        pairs = zip(towers.mean, towers.std, strict=True)
        self._shift = np.array([-m / s for m, s in pairs], np.float32)
        self._vision: Session | None = None
        self._text: tuple[Session, Tokenizer] | None = None
        self._tokenizer: Tokenizer | None = None
        self._loading = threading.Lock()
        self._image_lock = threading.Lock()
        self._encode_texts = DynamicBatcher(self._run_text_tower, LARGEST_TEXT_BATCH)

    def load(self, *, for_texts: bool = False) -> None:
        """Load both towers, or that `for_texts` alone.

        Raises:
            WeightsError: one cannot be used.
            TokenizerError: texts cannot be read.
        """
        self._text_tower()
        if not for_texts and self.input_shape:
            self._vision_tower()

    def let_go(self, *, of_texts: bool = True) -> None:
        """Free both towers, or that for pictures alone; who is at work with one goes on. What is
        asked for afterwards loads it again.
        """
        with self._loading:
            self._vision = None
            if of_texts:
                self._text = self._tokenizer = None

    @property
    def text_identity(self) -> ModelIdentity:
        """The same as `identity`, and how texts are read, for which no tower is loaded.

        Raises:
            TokenizerError: texts cannot be read.
        """
        return replace(self.identity, tokenizer=self.tokenizer.mark)

    @property
    def tokenizer(self) -> Tokenizer:
        """What makes tokens of its texts, for which no tower is loaded.

        Raises:
            TokenizerError: texts cannot be read.
        """
        with self._loading:
            return self._loaded_tokenizer()

    def is_as_it_was(self) -> bool:
        """Whether its weights are what they were."""
        return self._towers.is_as_it_was()

    def encode_images(self, batch: Sequence[Pixels]) -> Embeddings:
        """Embed pictures of shape (size, size, 3), uint8 RGB; any number of them.

        Returns unit vectors of shape (len(batch), dimensions).

        Raises:
            WeightsError: the tower cannot be used.
        """
        tower = self._vision_tower()
        with self._image_lock:
            starts = range(0, len(batch), LARGEST_IMAGE_BATCH)
            parts = [batch[start : start + LARGEST_IMAGE_BATCH] for start in starts]
            return self._unit([self._features_of(tower, part) for part in parts])

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts; each is cut at the length that the model can read.

        Returns unit vectors of shape (len(texts), dimensions).

        Raises:
            WeightsError: the tower cannot be used.
            TokenizerError: texts cannot be read.
        """
        return self._encode_texts(texts) if texts else self._unit([])

    def planes(self, batch: Sequence[Pixels]) -> NDArray[np.float32]:
        """Pictures as the tower takes them, shape (len(batch), 3, size, size)."""
        pixels = np.stack(batch) * self._scale + self._shift
        return pixels.transpose(0, 3, 1, 2)

    def _features_of(self, tower: Session, part: Sequence[Pixels]) -> NDArray[np.float32]:
        with pausing_work():
            pause_for_others()
            return tower(self.planes(part))

    def _run_text_tower(self, texts: list[str]) -> Embeddings:
        tower, tokenizer = self._text_tower()
        tokens = tokenizer(texts)
        fixed = tower.shape[1] if len(tower.shape) == 2 else None
        end_token = self._towers.end_token if fixed is None else None
        return self._unit([tower(tokens[:, : needed_length(tokens, end_token)])])

    def _vision_tower(self) -> Session:
        with self._loading:
            if self._vision is None:
                if self._text is None and self.identity.name.startswith(IN_FOLDER):
                    check_reads(self._loaded_tokenizer())  # no text would find these photos
                session = Session(self._towers.tower(VISUAL), self.identity.dimensions)
                assert self.input_shape is not None
                size = self.input_shape.size
                wanted = (None, 3, size, size)
                sides = zip(session.shape[1:], wanted[1:], strict=False)
                if len(session.shape) != 4 or any(have not in (None, want) for have, want in sides):
                    raise WeightsError(
                        f"The tower for pictures in {self._towers.place} takes {session.shape}, "
                        f"and not pictures of {size} pixels, as its preprocess_cfg.json says."
                    )
                self._vision = session
            return self._vision

    def _text_tower(self) -> tuple[Session, Tokenizer]:
        with self._loading:
            if self._text is None:
                tokenizer = self._loaded_tokenizer()
                session = Session(self._towers.tower(TEXTUAL), self.identity.dimensions)
                length = session.shape[1] if len(session.shape) == 2 else 0
                if length not in (None, tokenizer.length):
                    raise WeightsError(
                        f"The tower for texts in {self._towers.place} takes {session.shape}, and "
                        f"not {tokenizer.length} tokens, as its config.json says."
                    )
                self._text = session, tokenizer
            return self._text

    def _loaded_tokenizer(self) -> Tokenizer:
        if self._tokenizer is None:
            self._tokenizer = self._towers.tokenizer()
        return self._tokenizer

    def _unit(self, parts: Sequence[NDArray[np.float32]]) -> Embeddings:
        if not parts:
            return np.empty((0, self.identity.dimensions), np.float32)
        features = np.concatenate(parts)
        lengths = np.linalg.norm(features, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and lengths.all()):
            raise WeightsError(
                f"The model in {self._towers.place} gives no vectors: its weights are "
                "damaged. Copy them once more, whole."
            )
        vectors: Embeddings = features / lengths
        return vectors
