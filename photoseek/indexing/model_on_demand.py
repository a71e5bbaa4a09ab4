"""A model of which each tower is loaded when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from photoseek.photos import InputShape
from photoseek.records import ModelIdentity, Pixels
from photoseek.settings import DEFAULT_MODEL, EncoderSettings

if TYPE_CHECKING:
    from photoseek.model import ClipModel, Tower
    from photoseek.model.batching import Embeddings


class ModelOnDemand:
    """Does what a `photoseek.model.ClipModel` does, which takes seconds to load, with what is
    needed of one: a text query needs no pictures, and photos need no texts.

    Every method raises ModelError when it has to load a tower and cannot.
    """

    def __init__(self, load: Callable[[Tower], ClipModel]) -> None:
        self._load = load
        self._loaded: dict[Tower, ClipModel] = {}
        self._loading = threading.Lock()

    @property
    def identity(self) -> ModelIdentity:
        """Name, fingerprint of the weights, and length of the vectors."""
        return self._any().identity

    @property
    def input_shape(self) -> InputShape:
        """What `encode_images` wants its pictures to look like."""
        return self._tower("vision").input_shape

    @property
    def precision(self) -> str:
        """Of what is loaded, photos first; "" while nothing is."""
        return self._any().precision if self._loaded else ""

    @property
    def device(self) -> str:
        """Where it is loaded; "" while it is not."""
        return str(self._any().device) if self._loaded else ""

    def encode_images(self, batch: Sequence[Pixels]) -> Embeddings:
        """Unit vectors of pictures, shape (len(batch), dimensions)."""
        return self._tower("vision").encode_images(batch)

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Unit vectors of texts, shape (len(texts), dimensions)."""
        return self._tower("text").encode_texts(texts)

    def _any(self) -> ClipModel:
        return self._loaded.get("vision") or self._tower("text")

    def _tower(self, tower: Tower) -> ClipModel:
        with self._loading:
            if tower not in self._loaded:
                self._loaded[tower] = self._load(tower)
            return self._loaded[tower]


def model_of(settings: EncoderSettings, *, on_demand: bool) -> ClipModel | ModelOnDemand:
    """The model of the settings, loaded at once and whole or tower by tower.

    Raises:
        ModelError: it cannot be loaded.
    """

    def load(*towers: Tower) -> ClipModel:
        from photoseek.model import TOWERS, load_model  # torch takes seconds to import

        return load_model(
            settings.model or DEFAULT_MODEL,
            precision=settings.precision,
            device=settings.device,
            towers=towers or TOWERS,
        )

    return ModelOnDemand(load) if on_demand else load()
