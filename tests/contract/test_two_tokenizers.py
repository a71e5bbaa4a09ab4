"""One model in two folders that read texts otherwise, or in one whose tokenizer was mended."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from photoseek import PhotoSearch
from photoseek.cli.main import main
from photoseek.errors import StoreError
from photoseek.gateway.answers import Answers
from photoseek.gateway.in_process import InProcessService
from photoseek.gateway.metrics import Metrics
from photoseek.identity import same_vectors
from photoseek.indexing.building import build_encoder
from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.reindexing import reindex
from photoseek.model import load_model
from photoseek.model.onnx_export import export_model
from photoseek.onnx_towers import DrawnModel, OnnxModel, find_export, place_for, read_export
from photoseek.plain_towers import plain_model
from photoseek.records import ModelIdentity
from photoseek.search.grammar import QueryPart
from photoseek.search.meaningless import MEANINGLESS
from photoseek.settings import load_settings
from photoseek.sharing import MemoryState
from photoseek.store import open_store, peek_model
from tests.support.made_tokenizers import KINDS
from tests.support.models import save_with_tokenizer
from tests.support.other_tokenizers import demo_with_tokenizer, few_pairs, write_tokenizer

QUERY = "a red car at night"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def encoder_of(name: str) -> PhotoEncoder:
    settings = load_settings(model=name, index="none")
    return build_encoder(settings, roots=None, on_demand=True)


def meaningless(name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The vectors of texts without meaning as a new process has them, and as they are."""
    with closing(encoder_of(name)) as encoder:
        return encoder.encode_meaningless(), encoder.model.encode_texts(MEANINGLESS)


def test_what_is_kept_of_texts_follows_a_tokenizer_that_was_mended(tmp_path: Path) -> None:
    name = demo_with_tokenizer(tmp_path / "model", few_pairs)
    before, _ = meaningless(name)
    write_tokenizer(tmp_path / "model")
    after, fresh = meaningless(name)
    np.testing.assert_allclose(after, fresh, atol=1e-5)
    assert float((before * after).sum(axis=1).min()) < 0.9


def test_one_index_serves_both(drawings: Path, tmp_path: Path) -> None:
    right = demo_with_tokenizer(tmp_path / "right")
    wrong = demo_with_tokenizer(tmp_path / "wrong", few_pairs)
    index = str(tmp_path / "index")
    with PhotoSearch(load_settings(index=index, model=right)) as search:
        search.index(drawings)
        best = search.search(QUERY).hits[0]
    made_with = peek_model(index)
    assert made_with is not None
    assert made_with.tokenizer == "", "an index is of photos"
    assert made_with.fingerprint.count("-") == 2, "which the versions before compare"
    assert "red car" in best.stored.photo.caption.lower()
    with PhotoSearch(load_settings(index=index, model=wrong)) as search:
        other = search.search(QUERY).hits[0]
        assert other.score != best.score
        assert search.embed([QUERY]).model.tokenizer != ""
    settings = load_settings(index=index, model=wrong)
    with pytest.raises(StoreError, match="photos would get the vectors that they have") as told:
        reindex(settings, model_of(settings, on_demand=True))
    assert f"--model {wrong}" in str(told.value)


def test_no_gateway_gives_the_answer_of_another_tokenizer(drawings: Path, tmp_path: Path) -> None:
    """Two gateways of one folder, of which the second began when its tokenizer was mended."""
    name = demo_with_tokenizer(tmp_path / "model", few_pairs)
    settings = load_settings(index=str(tmp_path / "index"), model=name)
    with PhotoSearch(settings) as search:
        search.index(drawings)
    state, metrics = MemoryState(), Metrics(MemoryState())
    plain: dict[str, Any] = {
        "offset": 0,
        "where": (),
        "hybrid": False,
        "dedupe": False,
        "sort": None,
        "after": "",
    }

    async def first_hits(*services: InProcessService) -> list[float]:
        found = []
        for service in services:
            answers = Answers(service, state, settings, metrics)
            parts = [QueryPart("text", QUERY)]
            found.append((await answers.search(parts, top_k=1, **plain)).hits[0].score)
        return found

    with (
        closing(InProcessService.of(settings)) as one,
        closing(InProcessService.of(settings)) as two,
    ):
        [wrong, again] = asyncio.run(first_hits(one, one))
        assert again == wrong
        write_tokenizer(tmp_path / "model")
        two.load()
        with PhotoSearch(settings) as search:
            right = search.search(QUERY, top_k=1).hits[0].score
        assert right != wrong
        assert asyncio.run(first_hits(two, one, two)) == [right, wrong, right]
        assert metrics.text(0).decode().count('outcome="hit",what="answer"} 3') == 1


def test_labels_that_are_kept_follow_a_tokenizer_that_was_mended(
    drawings: Path, tmp_path: Path
) -> None:
    name = demo_with_tokenizer(tmp_path / "model", few_pairs)
    index = str(tmp_path / "index")
    with PhotoSearch(load_settings(index=index, model=name)) as search:
        search.index(drawings)
    kept: list[set[str]] = []
    for _ in range(2):
        assert main(["keywords", "--index", index, "--to", "-"]) == 0
        kept.append({path.name for path in (tmp_path / "cache").rglob("texts/*.npy")})
        write_tokenizer(tmp_path / "model")
    assert len(kept[1] - kept[0]) == 1


def test_an_index_that_knows_less_of_the_model_is_opened(tmp_path: Path) -> None:
    name = demo_with_tokenizer(tmp_path / "model")
    with closing(encoder_of(name)) as encoder:
        today = encoder.text_identity
    assert today.tokenizer
    weights = today.fingerprint.partition("-")[0]
    for fingerprint in (weights, today.fingerprint):
        old = ModelIdentity(name, fingerprint, today.dimensions)
        place = str(tmp_path / f"index-{len(fingerprint)}")
        open_store(place, old)
        assert same_vectors(open_store(place, today).model, today)


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_run_a_model_tell_its_tokenizer_alike(kind: str, tmp_path: Path) -> None:
    name = save_with_tokenizer(tmp_path / "model", kind)
    plain = plain_model(name)
    assert plain is not None
    whole, drawn = load_model(name).text_identity, OnnxModel(DrawnModel(plain)).text_identity
    assert whole.tokenizer == drawn.tokenizer != ""
    photos_alone = load_model(name, towers=["vision"])
    assert photos_alone.text_identity.tokenizer == ""
    assert photos_alone.identity == whole


def test_an_export_follows_a_tokenizer_that_was_mended(tmp_path: Path) -> None:
    folder, exports = tmp_path / "model", tmp_path / "exports"
    name = save_with_tokenizer(folder, "SigLIP")
    place = place_for(name, exports)
    assert export_model(name, place, tell=lambda _: None).is_new
    assert find_export(name, exports) is not None
    told = load_model(name).text_identity.tokenizer
    assert OnnxModel(read_export(place, name)).text_identity.tokenizer == told
    towers = {path: path.stat().st_mtime_ns for path in place.rglob("model.onnx*")}

    KINDS["SigLIP-i18n"].save(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "tokenizer.json", folder)
    later = (place / "photoseek.json").stat().st_mtime + 10
    os.utime(folder / "tokenizer.json", (later, later))
    assert find_export(name, exports) is None, "it reads texts as the model did before"
    assert export_model(name, place, tell=lambda _: None).is_new
    assert {path: path.stat().st_mtime_ns for path in towers} == towers, "they are as they were"
    now = load_model(name).text_identity.tokenizer
    assert now != told
    assert OnnxModel(read_export(place, name)).text_identity.tokenizer == now
    assert find_export(name, exports) is not None, "though its note is older: they are the same"
    assert not export_model(name, place, tell=lambda _: None).is_new
