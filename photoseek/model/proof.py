"""Whether a model gives the same vectors on a device as on the CPU in float32.

Three pictures and three texts are encoded in both. So it is seen, before any photo is indexed, that
weights are too large for float16, that a device computes something else than the CPU does, or that
it is too small for the model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import numpy as np

from photoseek.errors import ModelError, WeightsError
from photoseek.helpers.batching import Embeddings
from photoseek.model.devices import EXACT, Way, first_line
from photoseek.model.towers import Tower
from photoseek.photos import InputShape
from photoseek.records import Pixels

_log = logging.getLogger(__name__)

SAME = 0.998
"""The least cosine similarity of a vector to the exact one. Where it is less, photos that are near
to each other change places."""

_UNUSABLE = (RuntimeError, AssertionError, TypeError, ModelError)
"""How torch tells of a device, a type or an operation that it lacks, and `ClipModel` of memory."""

TEXTS = ("a red car at night", "waves on a beach under a cloudy sky, seen from above", "owl")


class Encodes(Protocol):
    """What is proved: a `photoseek.model.ClipModel`."""

    @property
    def input_shape(self) -> InputShape:
        """What its pictures look like."""

    def encode_images(self, batch: Sequence[Pixels]) -> Embeddings:
        """Unit vectors of pictures."""

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Unit vectors of texts."""


M = TypeVar("M", bound=Encodes)


def first_sound(
    candidates: Iterable[Way], make: Callable[[Way], M], towers: Iterable[Tower]
) -> tuple[M, tuple[str, ...]]:
    """The model in the first of the ways in which its vectors are nearly those in `EXACT`.

    `make` gives the model in one way; that ends what it gave before. With the model come sentences
    on the ways that were given up, which are logged as well.

    Raises:
        WeightsError: there are no vectors in any.
        ModelError: none will do.
    """
    exact: Embeddings | None = None
    given_up: list[str] = []
    for way in candidates:
        if exact is None and way != EXACT:
            exact = _vectors(make(EXACT), towers)
            if not np.isfinite(exact).all():
                raise WeightsError(
                    "The model gives no vectors: its weights are damaged. Copy them once more, "
                    "whole."
                )
        try:
            model = make(way)
            reason = "" if exact is None else _difference(_vectors(model, towers), exact)
        except _UNUSABLE as error:
            reason = first_line(error)
        if not reason:
            for sentence in given_up:
                _log.warning("%s The model runs on %s.", sentence, way)
            return model, tuple(given_up)
        given_up.append(f"{way} cannot be used for this model: {reason}")
    raise ModelError(" ".join([*given_up, "Choose --device cpu."]))


def pictures(size: int) -> list[Pixels]:
    """Three pictures: a slope of colours, a checkered one, and noise."""
    rows, columns = np.mgrid[0:size, 0:size]
    slope = np.stack([rows, columns, size - 1 - rows], axis=-1) * 255 // max(1, size - 1)
    checks = ((rows // 8 + columns // 8) % 2 * 255)[..., None].repeat(3, axis=-1)
    noise = np.random.default_rng(0).integers(0, 256, (size, size, 3))
    return [each.astype(np.uint8) for each in (slope, checks, noise)]


def _vectors(model: Encodes, towers: Iterable[Tower]) -> Embeddings:
    encode: dict[Tower, Callable[[], Embeddings]] = {
        "vision": lambda: model.encode_images(pictures(model.input_shape.size)),
        "text": lambda: model.encode_texts(TEXTS),
    }
    return np.concatenate([encode[tower]() for tower in towers])


def _difference(vectors: Embeddings, exact: Embeddings) -> str:
    """What is wrong with unit vectors, or nothing."""
    if not np.isfinite(vectors).all():
        return f"some of its numbers are too large there, and not in {EXACT}."
    least = float((vectors * exact).sum(axis=1).min())
    if least >= SAME:
        return ""
    return f"its vectors are other ones than in {EXACT} (cosine similarity {least:.3f} < {SAME})."
