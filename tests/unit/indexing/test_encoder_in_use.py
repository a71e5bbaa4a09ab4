"""The encoder of an index follows it to another model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from photoseek.errors import ModelError
from photoseek.identity import same_vectors
from photoseek.indexing.building import build_encoder
from photoseek.indexing.encoder_in_use import EncoderInUse
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.records import ModelIdentity
from photoseek.settings import load_settings
from tests.support.other_models import DEMO
from tests.support.waiting import wait_until


class Index:
    """An index that has one model after the other, each loaded as the demo's is."""

    def __init__(self) -> None:
        self.model = build_encoder(load_settings(model=DEMO), roots=None).identity
        self.error: ModelError | None = None
        self.encoders = EncoderInUse(self._load, lambda: self.model)
        self._loaded: list[PhotoEncoder] = []

    def switch(self) -> ModelIdentity:
        """Give it a model that it never had."""
        self.model = replace(self.model, fingerprint=f"{self.model.fingerprint}1")
        return self.model

    def close(self) -> None:
        """Stop all threads."""
        for encoder in self._loaded:
            encoder.close()

    def _load(self, by_index: bool) -> PhotoEncoder:
        if self.error:
            raise self.error
        encoder = build_encoder(load_settings(model=DEMO), roots=None, on_demand=True)
        self._loaded.append(encoder)
        return encoder


@pytest.fixture
def index() -> Iterator[Index]:
    index = Index()
    yield index
    index.close()


def is_loading() -> bool:
    return any(thread.name == "next model" for thread in threading.enumerate())


def test_photos_are_never_encoded_for_a_model_that_the_index_had_meanwhile(index: Index) -> None:
    first = index.encoders.for_photos()
    second = index.switch()
    assert index.encoders.for_queries() is first.encoder
    wait_until(lambda: not is_loading(), "the encoder of the second model")
    third = index.switch()
    edition = index.encoders.for_photos()
    assert edition.made_for is not None
    assert same_vectors(edition.made_for, third)
    assert not same_vectors(edition.made_for, second)


def test_one_that_cannot_be_loaded_is_told_to_whoever_waits_and_tried_again(index: Index) -> None:
    index.encoders.for_photos()
    model = index.switch()
    index.error = ModelError("no weights")
    for _ in range(2):
        with pytest.raises(ModelError, match="no weights"):
            index.encoders.for_photos()
    index.error = None
    assert index.encoders.for_photos().made_for == model
