"""A model, where it is a plain one and its weights are here."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.compat.blas import one_thread
from photoseek.compat.openclip_parts import tokens, usual_text, usual_vision
from photoseek.helpers.machine import processors
from photoseek.photos import InputShape
from photoseek.plain_towers.fingerprint import FIRST, fingerprint, unusual
from photoseek.plain_towers.mapped_weights import MappedWeights
from photoseek.plain_towers.model_files import ModelFiles, find_model
from photoseek.plain_towers.shapes import shapes_of
from photoseek.plain_towers.towers_in_numpy import TextTowerInNumpy, VisionTowerInNumpy
from photoseek.records import ModelIdentity, Pixels

Vectors = NDArray[np.float32]
"""Unit vectors, shape (count, dimensions)."""

_OF_MODEL = {"embed_dim", "vision_cfg", "text_cfg", "quick_gelu"}
_OF_TEXT = {"context_length", "vocab_size", "width", "heads", "layers"}
_OF_VISION = {"image_size", "layers", "width", "patch_size", "head_width"}
"""What a plain model and its towers say of themselves."""


class PlainModel:
    """Does what a `photoseek.model.ClipModel` does, in float32, for a few texts and pictures.

    `input_shape` is None where its pictures need torch.
    """

    precision = "fp32"
    device = "cpu"
    is_for_many = False
    """NumPy is slower than torch, but for its start."""

    def __init__(self, identity: ModelIdentity, files: ModelFiles, weights: MappedWeights) -> None:
        self.identity = identity
        text = usual_text() | files.config["text_cfg"]
        self._longest = int(text["context_length"])
        self._weights = weights
        self._text = TextTowerInNumpy(
            weights,
            heads=int(text["heads"]),
            layers=int(text["layers"]),
            quick_gelu=files.quick_gelu,
        )
        self.input_shape: InputShape | None = None
        if _has_plain_pictures(files, weights):
            self.input_shape = _input_shape(files.preprocess)
            self._vision = _vision_tower(files, weights)
        self._one_after_the_other = threading.Lock()

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; each is cut at the length that the model can read.

        Returns unit vectors of shape (len(texts), dimensions).
        """
        with self._one_after_the_other, one_thread():
            return self._unit([self._text.encode(tokens(text, self._longest)) for text in texts])

    def encode_images(self, batch: Sequence[Pixels]) -> Vectors:
        """Embed pictures of shape (size, size, 3), uint8 RGB; any number of them.

        Returns unit vectors of shape (len(batch), dimensions).
        """
        at_once = processors()
        most = -(-len(batch) // at_once) or 1
        parts = [batch[start : start + most] for start in range(0, len(batch), most)]
        with (
            self._one_after_the_other,
            one_thread(),  # each of these: BLAS's own would wait for one another, and be busy at it
            ThreadPoolExecutor(at_once, "encode") as threads,
        ):
            rows = [row for part in threads.map(self._vision.encode, parts) for row in part]
        return self._unit(rows)

    def load(self, *, for_texts: bool = False) -> None:
        """Do nothing: its weights are mapped already, and read when they are needed."""

    def is_as_it_was(self) -> bool:
        """Whether nobody has written to the file that its weights are read from."""
        return self._weights.is_as_it_was()

    def _unit(self, rows: Sequence[NDArray[np.float32]]) -> Vectors:
        features = np.asarray(rows, np.float32).reshape(-1, self.identity.dimensions)
        vectors: Vectors = features / np.linalg.norm(features, axis=1, keepdims=True)
        return vectors


def plain_model(name: str, made_with: ModelIdentity | None) -> PlainModel | None:
    """The model of that name, or None where torch is needed for it, or to say what is wrong.

    Args:
        name: as `photoseek.model.load_model` takes it.
        made_with: the model of the index, which this one must be. Its fingerprint tells of every
            weight and of all that is done with them.
    """
    try:
        files = find_model(name)
        return _model(name, files, made_with) if files else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _model(name: str, files: ModelFiles, made_with: ModelIdentity | None) -> PlainModel | None:
    if not _has_plain_texts(files.config):
        return None
    weights = MappedWeights(files.weights)
    known = ((key, weights.shape(key), weights.first(key, FIRST)) for key in weights.names())
    made = fingerprint(known, files.config, files.preprocess, quick_gelu=files.quick_gelu)
    identity = ModelIdentity(name, made, int(files.config["embed_dim"]))
    if made_with is None and not _has_plain_pictures(files, weights):
        return None  # nobody has seen yet whether OpenCLIP finds what it needs in the file
    return PlainModel(identity, files, weights) if made_with in (None, identity) else None


def _has_plain_texts(config: Mapping[str, Any]) -> bool:
    text = config["text_cfg"]
    said = unusual(text, usual_text()).keys()
    is_plain = said <= _OF_TEXT and text.get("ls_init_value") is None
    return is_plain and config.keys() <= _OF_MODEL


def _has_plain_pictures(files: ModelFiles, weights: MappedWeights) -> bool:
    """Whether the file holds just the weights of a CLIP with a vision transformer."""
    given, preprocess = files.config["vision_cfg"], files.preprocess
    vision = usual_vision() | given
    sizes = (vision["layers"], vision["patch_size"], vision["image_size"])
    if not unusual(given, usual_vision()).keys() <= _OF_VISION or given.get("ls_init_value"):
        return False
    if not all(isinstance(size, int) for size in sizes) or vision["image_size"] % sizes[1]:
        return False
    if preprocess["resize_mode"] not in ("shortest", "squash"):
        return False
    if preprocess["interpolation"] not in ("bicubic", "bilinear"):
        return False
    text = usual_text() | files.config["text_cfg"]
    wanted = shapes_of(int(files.config["embed_dim"]), vision, text)
    return wanted == {name: weights.shape(name) for name in weights.names()}


def _input_shape(preprocess: Mapping[str, Any]) -> InputShape:
    return InputShape(
        size=int(preprocess["size"]),
        resize_mode=preprocess["resize_mode"],
        interpolation=preprocess["interpolation"],
    )


def _vision_tower(files: ModelFiles, weights: MappedWeights) -> VisionTowerInNumpy:
    vision = usual_vision() | files.config["vision_cfg"]
    return VisionTowerInNumpy(
        weights,
        heads=int(vision["width"]) // int(vision["head_width"]),
        layers=int(vision["layers"]),
        patch=int(vision["patch_size"]),
        quick_gelu=files.quick_gelu,
        mean=files.preprocess["mean"],
        std=files.preprocess["std"],
    )
