"""Folders of models that are damaged, and names of none: what is said, with torch and without."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest

from photoseek.errors import ModelError, TokenizerError, UnknownModelError, WeightsError
from photoseek.indexing.choosing_model import no_runtime, onnx_model
from photoseek.model import load_model
from photoseek.onnx_towers import DrawnModel, OnnxModel
from photoseek.plain_towers import plain_model
from photoseek.plain_towers.model_config import check_config
from photoseek.settings import load_settings
from tests.support.models import save_model, save_with_tokenizer

WEIGHTS, CONFIG = "open_clip_model.safetensors", "open_clip_config.json"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab\nsize 12345\n"

Spoil = Callable[[Path], object]


def saying(part: str, **members: Any) -> Spoil:
    """Say something else of a part of a model; None takes a member away."""

    def change(folder: Path) -> None:
        document = json.loads((folder / CONFIG).read_text())
        parts = {**document, **document["model_cfg"], "all": document}
        for name, value in members.items():
            if value is None:
                del parts[part][name]
            else:
                parts[part][name] = value
        (folder / CONFIG).write_text(json.dumps(document))

    return change


def renamed(old: str, new: str) -> Spoil:
    return lambda folder: (folder / old).rename(folder / new)


WRONG: dict[str, tuple[Spoil, str]] = {
    "no folder": (lambda folder: folder.rename(f"{folder}-moved"), "a folder that is not there"),
    "no configuration": (lambda folder: (folder / CONFIG).unlink(), f"holds no {CONFIG}"),
    "no weights": (lambda folder: (folder / WEIGHTS).unlink(), f"holds no {WEIGHTS}"),
    "a pointer": (lambda folder: (folder / WEIGHTS).write_text(POINTER), "git lfs pull"),
    "a checkpoint": (renamed(WEIGHTS, "epoch_3.pt"), "call it open_clip_pytorch_model.bin"),
    "no embed_dim": (saying("model_cfg", embed_dim=None), "embed_dim is missing"),
    "embed_dim": (saying("model_cfg", embed_dim="32"), "embed_dim is '32', and not a whole number"),
    "quick_gelu": (saying("model_cfg", quick_gelu="false"), "'false', and not true or false"),
    "no vision_cfg": (saying("model_cfg", vision_cfg=None), "vision_cfg is missing"),
    "a list": (saying("model_cfg", vision_cfg=[]), "vision_cfg is no JSON object"),
    "texts": (saying("model_cfg", text_cfg="CLIP"), "text_cfg is no JSON object"),
    "no size": (saying("vision_cfg", image_size=0), "image_size is 0"),
    "below 0": (saying("vision_cfg", image_size=-32), "image_size is -32"),
    "too large": (saying("vision_cfg", image_size=100_000), "image_size is 100000"),
    "no patch": (saying("vision_cfg", patch_size=0), "patch_size is 0"),
    "no width": (saying("vision_cfg", width=0), "width is 0"),
    "no head": (saying("vision_cfg", head_width=0), "head_width is 0"),
    "no tokens": (saying("text_cfg", context_length=-5), "context_length is -5"),
    "very many": (saying("text_cfg", context_length=10**9), "context_length is 1000000000"),
    "three heads": (saying("text_cfg", heads=3), "which 3 heads cannot share"),
    "no options": (saying("text_cfg", tokenizer_kwargs=[1]), "and not a JSON object"),
    "pictures": (saying("all", preprocess_cfg=[1]), "preprocess_cfg is no JSON object"),
    "one mean": (saying("preprocess_cfg", mean=0.5), "three numbers each"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_a_folder_is_told_with_torch_and_without(
    what: str, tmp_path: Path
) -> None:
    spoil, said = WRONG[what]
    name = save_model(tmp_path / "model")
    spoil(tmp_path / "model")
    assert plain_model(name) is None
    for use in (load_model, no_runtime):
        with pytest.raises((WeightsError, UnknownModelError), match=said):
            use(name)


def _without_a_weight(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / WEIGHTS)
    del weights["visual.proj"]
    save_file(weights, folder / WEIGHTS)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: os.truncate(folder / WEIGHTS, 1_000_000), f"{WEIGHTS} is cut off"),
        (lambda folder: os.truncate(folder / WEIGHTS, 0), "cannot be used"),
        (lambda folder: (folder / WEIGHTS).write_text("<html>Not found"), "cannot be used"),
        (_without_a_weight, r"holds no visual\.proj"),
        (saying("text_cfg", vocab_size=100), r"of the shape \(49408, 32\), and not \(100, 32\)"),
    ],
)
def test_damaged_weights_are_told_where_torch_is_not_installed(
    spoil: Spoil, said: str, tmp_path: Path
) -> None:
    """It was said that PyTorch is missing, which would have told the same after a download."""
    name = save_model(tmp_path)
    spoil(tmp_path)
    with pytest.raises(WeightsError, match=f"{said}.*Copy them once more"):
        no_runtime(name)
    settings = load_settings().model_copy(
        update={"model": name, "runtime": "onnx", "exports": str(tmp_path / "none")}
    )
    with pytest.raises(WeightsError, match=said):
        onnx_model(settings)


def test_names_are_told_where_torch_is_not_installed(tmp_path: Path) -> None:
    for name, said in (
        ("standrad", "Did you mean standard"),
        ("ViT-B-32:laion", "'laion' is none"),
        ("hf-hub:a", "names no model on the hub"),
    ):
        with pytest.raises(UnknownModelError, match=said):
            no_runtime(name)
    pickled = save_model(tmp_path)
    (tmp_path / WEIGHTS).rename(tmp_path / "open_clip_pytorch_model.bin")
    for name in ("RN50:openai", pickled):
        assert "PyTorch is not installed" in str(no_runtime(name)), "torch alone runs it"


def test_a_tokenizer_that_is_missing_is_told_where_torch_is_not_installed(tmp_path: Path) -> None:
    name = save_with_tokenizer(tmp_path, "SigLIP2")
    (tmp_path / "tokenizer.json").write_text(POINTER)
    plain = plain_model(name)
    assert plain is not None
    with pytest.raises(TokenizerError, match="git lfs pull"):
        OnnxModel(DrawnModel(plain)).load()
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(TokenizerError, match=r"cannot read texts: .* holds no tokenizer\.json"):
        no_runtime(name)


def test_a_checkpoint_of_training_is_read_by_the_name_that_is_said(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    name = save_model(tmp_path)
    expected = load_model(name, precision="fp32").encode_texts(["a red car"])
    weights = {f"module.{key}": value for key, value in load_file(tmp_path / WEIGHTS).items()}
    torch.save({"epoch": 3, "state_dict": weights}, tmp_path / "open_clip_pytorch_model.bin")
    (tmp_path / WEIGHTS).unlink()
    made = load_model(name, precision="fp32").encode_texts(["a red car"])
    np.testing.assert_allclose(made, expected, atol=1e-6)


def test_pictures_are_resized_as_openclip_does_in_use(tmp_path: Path) -> None:
    shape = load_model(save_model(tmp_path, interpolation="random")).input_shape
    assert shape.interpolation == "bicubic"
    with pytest.raises(ModelError, match="resized by 'nearest'; known are"):
        load_model(save_model(tmp_path, interpolation="nearest"))


def test_the_vocabulary_of_another_model_is_told(tmp_path: Path) -> None:
    name = save_model(tmp_path)
    saying("text_cfg", vocab_size=100)(tmp_path)
    with pytest.raises(TokenizerError, match="of CLIP is that of another.*hf_tokenizer_name"):
        load_model(name)


def test_every_configuration_of_openclip_makes_sense() -> None:
    for architecture in open_clip.list_models():
        check_config(open_clip.get_model_config(architecture))
