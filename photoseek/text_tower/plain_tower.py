"""The text tower of a model, where that is a plain one and its weights are here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.compat.openclip_parts import tokens, usual_text
from photoseek.records import ModelIdentity
from photoseek.text_tower.fingerprint import FIRST, fingerprint, unusual
from photoseek.text_tower.mapped_weights import MappedWeights
from photoseek.text_tower.model_files import ModelFiles, find_model
from photoseek.text_tower.text_transformer import TextTransformer

_SIZES = {"context_length", "vocab_size", "width", "heads", "layers"}
"""What a plain tower says of itself."""

_PARTS = {"embed_dim", "vision_cfg", "text_cfg", "quick_gelu"}


class PlainTextTower:
    """Encodes texts in float32, one after the other."""

    precision = "fp32"
    device = "cpu"

    def __init__(
        self, identity: ModelIdentity, transformer: TextTransformer, context_length: int
    ) -> None:
        self.identity = identity
        self._transformer = transformer
        self._longest = context_length

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts; each is cut at the length that the model can read.

        Returns unit vectors of shape (len(texts), dimensions).
        """
        vectors = np.empty((len(texts), self.identity.dimensions), np.float32)
        for row, text in enumerate(texts):
            features = self._transformer.encode(tokens(text, self._longest))
            vectors[row] = features / np.linalg.norm(features)
        return vectors


def plain_text_tower(model: ModelIdentity) -> PlainTextTower | None:
    """The text tower of a model, or None where torch is needed for it, or to say what is wrong.

    A fingerprint tells of every weight and of all that is done with them, so that the tower which
    has it is the one that is wanted.
    """
    try:
        files = find_model(model.name)
        return _tower(files, model) if files else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _tower(files: ModelFiles, model: ModelIdentity) -> PlainTextTower | None:
    config = files.config
    text = usual_text() | config["text_cfg"]
    if not _is_plain(config):
        return None
    weights = MappedWeights(files.weights)
    known = ((name, weights.shape(name), weights.first(name, FIRST)) for name in weights.names())
    made = fingerprint(known, config, files.preprocess, quick_gelu=files.quick_gelu)
    if (made, int(config["embed_dim"])) != (model.fingerprint, model.dimensions):
        return None
    transformer = TextTransformer(
        weights,
        heads=int(text["heads"]),
        layers=int(text["layers"]),
        quick_gelu=files.quick_gelu,
    )
    return PlainTextTower(model, transformer, int(text["context_length"]))


def _is_plain(config: dict[str, Any]) -> bool:
    text = config["text_cfg"]
    said = unusual(text, usual_text()).keys() | config.keys()
    return not said - _SIZES - _PARTS and text.get("ls_init_value") is None
