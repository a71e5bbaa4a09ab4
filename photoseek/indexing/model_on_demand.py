"""A model of which each tower is loaded when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from photoseek.helpers.allocator import give_back
from photoseek.helpers.deadlines import in_background
from photoseek.photos import InputShape
from photoseek.records import ModelIdentity, Pixels

if TYPE_CHECKING:
    from photoseek.helpers.batching import Embeddings
    from photoseek.model import ClipModel, Tower
    from photoseek.onnx_towers import OnnxModel
    from photoseek.tokenizing import Tokenizer

_BOTH: tuple[Tower, ...] = ("text", "vision")

FEW = 128
"""Photos in all that are encoded without torch where that is faster: to import and load it takes as
long as these take longer. Whoever knows no more than how many there were so far never takes twice
as long as needed so.
"""


class ModelOnDemand:
    """Does what a `photoseek.model.ClipModel` does, which takes seconds to load, with what is
    needed of one: a text query needs no pictures, and photos need no texts.

    Every method raises ModelError when it has to load a tower and cannot.
    """

    def __init__(
        self,
        load: Callable[[Sequence[Tower]], ClipModel],
        load_plain: Callable[[], OnnxModel | None] = lambda: None,
    ) -> None:
        """`load` gives a model with these towers, and `load_plain` one without torch, where there
        is one: for texts and few photos, or for all where torch is no faster.
        """
        self._load = load
        self._load_plain = load_plain
        self._loaded: dict[Tower, ClipModel] = {}
        self._plain: OnnxModel | None = None
        self._is_tried = False
        self._pictures = 0
        self._choosing = threading.Lock()
        self._loading = threading.Lock()

    @property
    def identity(self) -> ModelIdentity:
        """Name, fingerprint of the weights, and length of the vectors."""
        return self._any().identity

    @property
    def text_identity(self) -> ModelIdentity:
        """The same, and how texts are read."""
        return (self._without_torch() or self._tower("text")).text_identity

    @property
    def tokenizer(self) -> Tokenizer:
        """What makes tokens of texts."""
        return (self._without_torch() or self._tower("text")).tokenizer

    @property
    def input_shape(self) -> InputShape:
        """What `encode_images` wants its pictures to look like."""
        plain = self._without_torch()
        return (plain and plain.input_shape) or self._tower("vision").input_shape

    @property
    def precision(self) -> str:
        """Of what is loaded, photos first; "" while nothing is."""
        return self._any().precision if self._loaded or self._plain else ""

    @property
    def device(self) -> str:
        """Where it is loaded; "" while it is not."""
        return str(self._any().device) if self._loaded or self._plain else ""

    def encode_images(self, batch: Sequence[Pixels]) -> Embeddings:
        """Unit vectors of pictures, shape (len(batch), dimensions)."""
        if plain := self._without_torch_for(len(batch)):
            return plain.encode_images(batch)
        return self._tower("vision").encode_images(batch)

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Unit vectors of texts, shape (len(texts), dimensions)."""
        return (self._without_torch() or self._tower("text")).encode_texts(texts)

    def load(self, *, for_texts: bool = False, gives_way: bool = False) -> None:
        """Load both towers, unless that is done. Until then texts are answered as before.

        `for_texts` is done with a model without torch, which takes a tenth of the time, where there
        is one. ONNX Runtime's threads are as urgent as the one that loads a tower: those for
        pictures may give way to those for texts. Torch has threads that are as urgent as who asks.
        """
        plain = self._without_torch()
        if plain and (for_texts or plain.is_for_many):
            plain.load(for_texts=True)
            if not for_texts:
                in_background(plain.load, "model", gives_way=gives_way).result()
            return
        with self._loading:
            if missing := [tower for tower in _BOTH if tower not in self._loaded]:
                self._loaded |= dict.fromkeys(missing, self._load(missing))
                self._let_go_of_plain()

    def _any(self) -> ClipModel | OnnxModel:
        return self._loaded.get("vision") or self._without_torch() or self._tower("text")

    def _without_torch(self) -> OnnxModel | None:
        """The model without torch, as long as that is not wanted for anything."""
        with self._choosing:
            if self._loaded:
                return None
            if not self._is_tried:
                self._plain, self._is_tried = self._load_plain(), True
            if self._plain and not self._plain.is_as_it_was():
                self._plain = None
            return self._plain

    def _without_torch_for(self, pictures: int) -> OnnxModel | None:
        """The model without torch, where it is to encode that number of pictures."""
        self._pictures += pictures
        plain = self._without_torch()
        is_enough = plain and plain.input_shape and (plain.is_for_many or self._pictures <= FEW)
        return plain if is_enough else None

    def _tower(self, tower: Tower) -> ClipModel:
        with self._loading:
            if tower not in self._loaded:
                if tower == "vision" and (plain := self._without_torch()):
                    plain.let_go(of_texts=False)  # or both towers would be in memory for a while
                self._loaded[tower] = self._load([tower])
                self._let_go_of_plain()
            return self._loaded[tower]

    def _let_go_of_plain(self) -> None:
        """Free the model without torch, which is not asked any more; who is at work with it goes
        on.
        """
        with self._choosing:
            plain, self._plain, self._is_tried = self._plain, None, True
        if plain:
            plain.let_go()
        give_back()
