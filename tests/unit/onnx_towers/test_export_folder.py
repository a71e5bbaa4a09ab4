"""Folders with models as ONNX files that are damaged, or not what they say."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photoseek.errors import StorageError, TokenizerError, WeightsError
from photoseek.model.onnx_export import export_model
from photoseek.onnx_towers import OnnxModel, find_export, place_for
from photoseek.onnx_towers.export_folder import CONFIG, MODEL, NOTE, PREPROCESS, TEXTUAL, VISUAL
from photoseek.onnx_towers.onnx_files import (
    EXTERNAL_DATA,
    GRAPH,
    INITIALIZER,
    KEY,
    VALUE,
    weights_outside,
    written,
)
from tests.support.models import save_model

DATA = f"{MODEL}.data"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab\nsize 12345\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    export_model(save_model(folder / "saved"), folder / "export", tell=lambda _: None)
    return folder / "export"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """An export that may be spoilt."""
    shutil.copytree(made, tmp_path / "export")
    return tmp_path / "export"


def load(folder: Path) -> OnnxModel:
    """The model, as an index run has it that nothing else can help."""
    export = find_export(f"local-dir:{folder}", folder / "none")
    assert export is not None
    model = OnnxModel(export)
    model.load()
    size = export.input_shape.size
    model.encode_images([np.zeros((size, size, 3), np.uint8)])
    model.encode_texts(["a red car"])
    return model


def change(path: Path, **members: Any) -> None:
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, **members}))


WEIGHTS = (GRAPH, INITIALIZER)
"""The fields of a model that its weights lie in, the outermost first."""

ELSEWHERE = {
    "a constant": (GRAPH, 1, 5, 5),
    "constants": (GRAPH, 1, 5, 10),
    "a branch": (GRAPH, 1, 5, 6, INITIALIZER),
    "a branch within one of several": (GRAPH, 1, 5, 11, 1, 5, 6, 1, 5, 5),
    "sparse weights": (GRAPH, 15, 1),
    "their places": (GRAPH, 15, 2),
    "a sparse constant": (GRAPH, 1, 5, 22, 1),
    "a function": (25, 7, 5, 5),
}
"""Where else tensors may be."""


def asking_for(*names: str, within: tuple[int, ...] = WEIGHTS) -> bytes:
    """A model with a tensor that lies in a file of that name."""
    message: list[bytes | memoryview] = []
    for name in names:
        entry = [*written(KEY, [b"location"]), *written(VALUE, [name.encode()])]
        message += written(EXTERNAL_DATA, entry)
    for number in reversed(within):
        message = written(number, message)
    return b"".join(message)


def test_it_is_whole(folder: Path) -> None:
    assert load(folder).identity.dimensions == 32
    assert weights_outside(folder / VISUAL / MODEL) == {DATA}


@pytest.mark.parametrize(
    "name",
    ["../secret", "/etc/passwd", "a/b", "..\\secret", "C:secret", "", ".", "..", "nul\0"],
)
def test_weights_outside_of_the_folder_are_refused(folder: Path, name: str) -> None:
    (folder.parent / "secret").write_bytes(bytes(4096))
    (folder / VISUAL / MODEL).write_bytes(asking_for(name))
    if name == "":
        with pytest.raises(WeightsError, match="cannot be used"):
            load(folder)
        return
    with pytest.raises(WeightsError, match="outside of it"):
        load(folder)


@pytest.mark.parametrize("place", ELSEWHERE)
def test_no_tensor_lies_outside_of_the_folder_wherever_it_is(folder: Path, place: str) -> None:
    (folder / VISUAL / MODEL).write_bytes(asking_for("../secret", within=ELSEWHERE[place]))
    with pytest.raises(WeightsError, match=r"asks for weights in '\.\./secret', which is outside"):
        load(folder)


def test_a_tensor_with_two_places_names_none_outside_of_the_folder(folder: Path) -> None:
    """Which of them is taken, only what runs the model knows."""
    for names in ((DATA, "../secret"), ("../secret", DATA)):
        (folder / VISUAL / MODEL).write_bytes(asking_for(*names))
        with pytest.raises(WeightsError, match="outside of it"):
            load(folder)


def test_messages_within_each_other_without_end_are_no_model(folder: Path) -> None:
    (folder / VISUAL / MODEL).write_bytes(asking_for(DATA, within=(GRAPH, *(1, 5, 6) * 500)))
    with pytest.raises(WeightsError, match="no ONNX file"):
        load(folder)


@pytest.mark.parametrize("part", [VISUAL, TEXTUAL])
@pytest.mark.parametrize("has_note", [True, False])
def test_towers_of_two_models_are_refused(folder: Path, part: str, has_note: bool) -> None:
    """Their vectors have one length, and nothing would be found."""
    export_model(save_model(folder.parent / "other", seed=1), folder.parent / "b", tell=print)
    shutil.rmtree(folder / part)
    shutil.copytree(folder.parent / "b" / part, folder / part)
    if not has_note:
        (folder / NOTE).unlink()
    with pytest.raises(WeightsError, match="two towers and photoseek.json are not of the same"):
        load(folder)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / VISUAL / DATA).unlink(), f"holds no visual/{DATA}"),
        (lambda f: (f / VISUAL / PREPROCESS).unlink(), "holds no preprocess_cfg.json"),
        (lambda f: (f / CONFIG).unlink(), "holds no config.json"),
        (lambda f: (f / CONFIG).write_text("["), "config.json cannot be read"),
        (lambda f: (f / CONFIG).write_text("[]"), "is no JSON object"),
        (lambda f: (f / CONFIG).write_text("{}"), "wrong or missing"),
        (lambda f: (f / NOTE).write_text("{}"), "photoseek.json does not say"),
        (lambda f: change(f / NOTE, format=99), "photoseek.json does not say"),
        (lambda f: change(f / NOTE, dimensions=32.0), "photoseek.json does not say"),
        (lambda f: change(f / NOTE, fingerprint=5), "photoseek.json does not say"),
        (lambda f: change(f / NOTE, end_token=-1), "photoseek.json does not say"),
        (lambda f: change(f / NOTE, end_token=True), "photoseek.json does not say"),
        (lambda f: change(f / CONFIG, text_cfg={"context_length": -3}), "context_length is -3"),
        (lambda f: change(f / CONFIG, text_cfg={"tokenizer_kwargs": [1]}), "no[t]? a JSON object"),
        (lambda f: change(f / CONFIG, text_cfg=[]), "text_cfg is no JSON object"),
        (lambda f: (f / VISUAL / MODEL).write_text(POINTER), "git lfs pull"),
        (lambda f: (f / TEXTUAL / DATA).write_text(POINTER), "git lfs pull"),
        (lambda f: change(f / NOTE, dimensions=64), r"and not vectors of 64 numbers|made \("),
        (lambda f: change(f / VISUAL / PREPROCESS, size=[32, 48]), "only squares"),
        (lambda f: change(f / VISUAL / PREPROCESS, size=64), "takes|cannot be used"),
        (lambda f: change(f / VISUAL / PREPROCESS, std=[1, 1, 0]), "three numbers"),
        (lambda f: change(f / VISUAL / PREPROCESS, resize_mode="longest"), "resized by 'longest'"),
        (lambda f: (f / VISUAL / MODEL).write_bytes(b""), "it is empty"),
        (lambda f: (f / VISUAL / MODEL).write_bytes(b"\xff" * 100), "no ONNX file"),
        (lambda f: (f / VISUAL / MODEL).write_bytes(b"no model at all"), "cannot be"),
        (lambda f: os.truncate(f / VISUAL / MODEL, 1000), "cannot be"),
        (lambda f: os.truncate(f / VISUAL / DATA, 1000), "cannot be used"),
        (lambda f: shutil.copy(f / TEXTUAL / MODEL, f / VISUAL / MODEL), "takes|cannot be used"),
    ],
)
def test_what_is_spoilt_is_told(folder: Path, spoil: Callable[[Path], object], said: str) -> None:
    spoil(folder)
    with pytest.raises(WeightsError, match=said):
        load(folder)


def test_damaged_numbers_are_no_vectors(folder: Path) -> None:
    for part in (VISUAL, TEXTUAL):
        path = folder / part / DATA
        path.write_bytes(b"\xff" * path.stat().st_size)  # each of them is no number
    with pytest.raises(WeightsError, match="its weights are damaged"):
        load(folder)


def test_a_tokenizer_that_is_missing_is_told(folder: Path) -> None:
    text = json.loads((folder / CONFIG).read_text())["text_cfg"]
    change(folder / CONFIG, text_cfg=text | {"hf_tokenizer_name": "somebody/tokenizer"})
    with pytest.raises(TokenizerError, match=r"holds no tokenizer\.json"):
        load(folder)


def test_an_export_of_another_model_is_not_taken_by_name(folder: Path, tmp_path: Path) -> None:
    place = place_for("ViT-B-32:laion2b_s34b_b79k", tmp_path)
    shutil.copytree(folder, place)
    assert find_export("ViT-B-32:laion2b_s34b_b79k", tmp_path) is None
    change(place / NOTE, name="ViT-B-32:laion2b_s34b_b79k")
    assert find_export("ViT-B-32:laion2b_s34b_b79k", tmp_path) is not None


def test_a_place_is_one_name_whatever_the_model_is_called(tmp_path: Path) -> None:
    for name in (
        "hf-hub:a/b",
        "local-dir:/x/../y",
        "A:/weights/file.pt",
        "..",
        "x" * 500,
        "模型:🚗",
    ):
        place = place_for(name, tmp_path)
        assert place.parent == tmp_path
        assert len(place.name) < 100
    assert place_for("hf-hub:a/b", tmp_path) != place_for("hf-hub:c/b", tmp_path)


def test_a_disk_that_is_full_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photoseek.model.onnx_export.SPARE", 1 << 60)
    with pytest.raises(StorageError, match="has room for"):
        export_model(save_model(tmp_path / "saved"), tmp_path / "export", tell=lambda _: None)
    assert not list((tmp_path / "export").rglob("*.onnx"))
