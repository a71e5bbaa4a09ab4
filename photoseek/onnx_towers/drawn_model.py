"""A plain model whose towers are drawn when they are needed."""

from __future__ import annotations

from pathlib import Path

from photoseek.onnx_towers.drawn_towers import draw_text, draw_vision
from photoseek.onnx_towers.export_folder import TEXTUAL
from photoseek.onnx_towers.tower_pen import DrawnTower
from photoseek.photos import InputShape
from photoseek.plain_towers import PlainModel
from photoseek.records import ModelIdentity
from photoseek.tokenizing import Tokenizer, make_tokenizer


class DrawnModel:
    """What `OnnxModel` needs of a model, from its weights as they lie in their file."""

    def __init__(self, plain: PlainModel) -> None:
        self._plain = plain
        self.identity: ModelIdentity = plain.identity
        self.input_shape: InputShape | None = plain.input_shape
        self.mean, self.std = plain.mean, plain.std
        self.end_token = plain.end_token

    @property
    def place(self) -> Path:
        """Where its weights are, for messages."""
        return self._plain.weights.path

    def tower(self, part: str) -> DrawnTower:
        """A tower for the runtime."""
        plain, dimensions = self._plain, self.identity.dimensions
        if part == TEXTUAL:
            return draw_text(plain.text, plain.weights, dimensions)
        assert plain.vision is not None
        return draw_vision(plain.vision, plain.weights, dimensions)

    def tokenizer(self) -> Tokenizer:
        """What makes tokens for its text tower.

        Raises:
            TokenizerError: it cannot be had.
        """
        return make_tokenizer(self._plain.text_config, self._plain.tokenizer_files)

    def is_as_it_was(self) -> bool:
        """Whether nobody has written to the file that its weights are read from."""
        return self._plain.weights.is_as_it_was()
