"""A model of which each tower is loaded when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from photoseek.compat.imports import leaves_out_more
from photoseek.photos import InputShape
from photoseek.records import ModelIdentity, Pixels
from photoseek.settings import DEFAULT_MODEL, EncoderSettings

if TYPE_CHECKING:
    from photoseek.model import ClipModel, Tower
    from photoseek.model.batching import Embeddings
    from photoseek.text_tower import PlainTextTower


class ModelOnDemand:
    """Does what a `photoseek.model.ClipModel` does, which takes seconds to load, with what is
    needed of one: a text query needs no pictures, and photos need no texts.

    Every method raises ModelError when it has to load a tower and cannot.
    """

    def __init__(
        self,
        load: Callable[[Tower], ClipModel],
        light: Callable[[], PlainTextTower | None] = lambda: None,
    ) -> None:
        """`light` gives a text tower that takes less time to load, where there is one."""
        self._load = load
        self._light = light
        self._loaded: dict[Tower, ClipModel] = {}
        self._texts: PlainTextTower | None = None
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
        return self._any().precision if self._loaded or self._texts else ""

    @property
    def device(self) -> str:
        """Where it is loaded; "" while it is not."""
        return str(self._any().device) if self._loaded or self._texts else ""

    def encode_images(self, batch: Sequence[Pixels]) -> Embeddings:
        """Unit vectors of pictures, shape (len(batch), dimensions)."""
        return self._tower("vision").encode_images(batch)

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Unit vectors of texts, shape (len(texts), dimensions)."""
        return self._text_tower().encode_texts(texts)

    def _any(self) -> ClipModel | PlainTextTower:
        return self._loaded.get("vision") or self._text_tower()

    def _text_tower(self) -> ClipModel | PlainTextTower:
        """One that is light, as long as torch is not wanted for anything."""
        with self._loading:
            if not self._loaded:
                self._texts = self._texts or self._light()
        return self._texts or self._tower("text")

    def _tower(self, tower: Tower) -> ClipModel:
        with self._loading:
            if tower not in self._loaded:
                self._loaded[tower] = self._load(tower)
            return self._loaded[tower]


def model_of(
    settings: EncoderSettings, *, on_demand: bool, index: ModelIdentity | None = None
) -> ClipModel | ModelOnDemand:
    """The model of the settings, loaded at once and whole, or `on_demand` tower by tower: then what
    is encoded first raises ModelError.

    `index` is the model that an index was made with. A process of photoseek's own does without
    torch as long as only texts are encoded, and the weights are those of that index.

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

    def light() -> PlainTextTower | None:
        is_wanted = settings.precision in ("auto", "fp32") and settings.device in ("auto", "cpu")
        if not (index and is_wanted and leaves_out_more()):
            return None
        from photoseek.text_tower import plain_text_tower

        return plain_text_tower(index)

    return ModelOnDemand(load, light) if on_demand else load()
