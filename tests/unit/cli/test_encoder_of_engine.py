"""An encoder in a process of its own, which has no key for the engine that holds the index."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.cli.part import encoder_settings
from photoseek.errors import ModelMismatchError, StoreError
from photoseek.settings import load_settings
from photoseek.store import open_store
from tests.support.stored_photos import MODEL

NOBODY = "elastic+http://127.0.0.1:9/photos"


def test_it_takes_the_model_that_is_named_and_asks_no_engine() -> None:
    settings = load_settings(index=NOBODY, model="demo")
    assert encoder_settings(settings) == settings


def test_where_none_is_named_it_says_what_would_do() -> None:
    with pytest.raises(StoreError, match=r"does not answer at .*\. Or set PHOTOSEEK_MODEL"):
        encoder_settings(load_settings(index=NOBODY))


def test_it_reads_an_index_in_a_folder_all_the_same(tmp_path: Path) -> None:
    open_store(tmp_path / "index", MODEL)
    there = load_settings(index=str(tmp_path / "index"))
    assert encoder_settings(there).model == MODEL.name
    with pytest.raises(ModelMismatchError):
        encoder_settings(there.model_copy(update={"model": "ViT-B-32"}))
