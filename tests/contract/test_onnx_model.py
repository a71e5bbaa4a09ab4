"""What an exported model promises: the same as torch, on the demo model and each kind of tower."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from photoseek.model import ClipModel, load_model
from photoseek.model.onnx_export import export_model
from photoseek.onnx_towers import (
    OnnxModel,
    exports_folder,
    fetch_export,
    find_export,
    place_for,
    read_export,
)
from photoseek.onnx_towers.export_folder import CONFIG, MADE_OF, MODEL, NOTE, TEXTUAL, VISUAL
from tests.support.hub import environment, model_hub
from tests.support.models import ARCHITECTURES, save_model

ROOT = Path(__file__).parents[2]
TEXTS = [
    *("car", "a red car at night", "ein rotes Auto bei Nacht auf der Straße", "🚗 سيارة حمراء"),
    *("", "a very long description of a red car " * 300),
]


def exported(name: str, folder: Path) -> OnnxModel:
    export_model(name, folder, tell=lambda _: None)
    return OnnxModel(read_export(folder, name))


@pytest.fixture(scope="module", params=["demo", *ARCHITECTURES])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ClipModel, OnnxModel]:
    """A model in torch, and its export."""
    folder = tmp_path_factory.mktemp("model")
    is_demo = request.param == "demo"
    name = "demo" if is_demo else save_model(folder / "saved", request.param)
    model = exported(name, place_for(name, folder / "exports"))
    return load_model(name, precision="fp32", device="cpu"), model


def pictures(model: ClipModel | OnnxModel, count: int) -> list[np.ndarray]:
    assert model.input_shape is not None
    size = model.input_shape.size
    return list(np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8))


def test_it_is_the_same_model(both: tuple[ClipModel, OnnxModel]) -> None:
    whole, model = both
    assert model.identity == whole.identity
    assert model.input_shape == whole.input_shape
    assert (model.precision, model.device, model.is_for_many) == ("fp32", "cpu", True)


@pytest.mark.parametrize("count", [0, 1, 11])
def test_vectors_of_pictures_are_those_of_torch(
    both: tuple[ClipModel, OnnxModel], count: int
) -> None:
    whole, model = both
    batch = pictures(whole, count)
    vectors = model.encode_images(batch)
    assert vectors.shape == (count, model.identity.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, whole.encode_images(batch), atol=1e-5)


def test_vectors_of_texts_are_those_of_torch(both: tuple[ClipModel, OnnxModel]) -> None:
    whole, model = both
    expected = whole.encode_texts(TEXTS)
    np.testing.assert_allclose(model.encode_texts(TEXTS), expected, atol=1e-5)
    alone = np.concatenate([model.encode_texts([text]) for text in TEXTS])
    np.testing.assert_allclose(alone, expected, atol=1e-5)
    assert model.encode_texts([]).shape == (0, model.identity.dimensions)


def test_many_threads_get_what_one_gets(both: tuple[ClipModel, OnnxModel]) -> None:
    _, model = both
    texts = [f"{text} {number}" for number in range(4) for text in TEXTS]
    with ThreadPoolExecutor(len(texts)) as pool:
        vectors = list(pool.map(lambda text: model.encode_texts([text])[0], texts))
    np.testing.assert_allclose(vectors, model.encode_texts(texts), atol=1e-5)


def test_a_run_that_was_stopped_goes_on_and_other_weights_begin_again(tmp_path: Path) -> None:
    name = save_model(tmp_path / "saved")
    folder = place_for(name, tmp_path)
    told: list[str] = []
    assert export_model(name, folder, tell=told.append).is_new
    assert sum("Writing" in each for each in told) == 2
    assert not export_model(name, folder, tell=told.append).is_new

    (folder / NOTE).unlink()  # as if the run had been killed in the second tower
    (folder / TEXTUAL / MADE_OF).unlink()
    assert find_export(name, tmp_path) is None, "it is not whole"
    told.clear()
    assert export_model(name, folder, tell=told.append).is_new
    assert [each for each in told if "Writing" in each] == [
        f"Writing {folder / TEXTUAL / MODEL} ..."
    ]

    before = find_export(name, tmp_path)
    assert before is not None
    save_model(tmp_path / "saved", seed=1)
    newer = (folder / NOTE).stat().st_mtime + 1
    os.utime(tmp_path / "saved" / "open_clip_model.safetensors", (newer, newer))
    assert find_export(name, tmp_path) is None, "its weights are newer"
    model = exported(name, folder)
    assert model.identity == load_model(name).identity != before.identity


def test_an_export_in_a_folder_of_its_own_and_of_others(tmp_path: Path) -> None:
    """What Immich publishes says nothing of its weights: it is a model of its own."""
    made = exported(save_model(tmp_path / "saved"), tmp_path / "export")
    whole = find_export(f"local-dir:{tmp_path / 'export'}", tmp_path / "none")
    assert whole is not None
    assert whole.identity.fingerprint == made.identity.fingerprint
    (tmp_path / "export" / NOTE).unlink()
    others = find_export(f"local-dir:{tmp_path / 'export'}", tmp_path / "none")
    assert others is not None
    assert others.identity.fingerprint.endswith("-onnx")
    vectors = OnnxModel(others).encode_texts(TEXTS)
    np.testing.assert_allclose(vectors, made.encode_texts(TEXTS), atol=1e-5)
    path = tmp_path / "export" / TEXTUAL / f"{MODEL}.data"
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    changed = find_export(f"local-dir:{tmp_path / 'export'}", tmp_path / "none")
    assert changed is not None
    assert changed.identity != others.identity


HUB_PROGRAM = """
import sys
from photoseek.compat.imports import leave_out_more
leave_out_more()
from photoseek.onnx_towers import OnnxModel, fetch_export, find_export
from pathlib import Path
for name in sys.argv[1].split():
    here = find_export(name, Path("/none"))
    export = here or fetch_export(name)
    if export is None:
        print("none")
        continue
    vector = OnnxModel(export).encode_texts(["a red car"])
    print("here" if here else "fetched", export.identity.fingerprint, float(vector[0, 0]))
assert "torch" not in sys.modules
"""


def test_an_export_is_fetched_from_the_hub_once(tmp_path: Path) -> None:
    saved = save_model(tmp_path / "saved")
    model = exported(saved, tmp_path / "export")
    told = []
    with model_hub(tmp_path / "export") as hub:
        for endpoint in (hub.url, "http://no-such-host.invalid"):
            program = [sys.executable, "-c", HUB_PROGRAM, "hf-hub:photoseek/tiny"]
            surroundings = environment(endpoint, tmp_path / "cache") | {"PYTHONPATH": str(ROOT)}
            result = subprocess.run(
                program, env=os.environ | surroundings, capture_output=True, text=True
            )
            assert result.returncode == 0, result.stderr
            told.append(result.stdout.split())
    expected = float(model.encode_texts(["a red car"])[0, 0])
    for (how, fingerprint, number), first in zip(told, ("fetched", "here"), strict=True):
        assert (how, fingerprint) == (first, model.identity.fingerprint)
        assert float(number) == pytest.approx(expected, abs=1e-5)


def test_a_model_of_openclip_on_the_hub_is_none_of_these(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fetch_export("ViT-B-32:laion2b_s34b_b79k") is None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert find_export("ViT-B-32:laion2b_s34b_b79k", exports_folder(None)) is None


def test_the_layout_is_that_of_immich(tmp_path: Path) -> None:
    exported(save_model(tmp_path / "saved"), tmp_path / "export")
    config = json.loads((tmp_path / "export" / CONFIG).read_text())
    assert config["embed_dim"] == 32
    assert {"text_cfg", "vision_cfg"} <= config.keys()
    prepare = json.loads((tmp_path / "export" / VISUAL / "preprocess_cfg.json").read_text())
    assert {"size", "mean", "std", "interpolation", "resize_mode"} <= prepare.keys()
    shutil.rmtree(tmp_path / "saved")
    export = find_export(f"local-dir:{tmp_path / 'export'}", tmp_path / "none")
    assert export is not None, "it needs nothing of what it was made of"
