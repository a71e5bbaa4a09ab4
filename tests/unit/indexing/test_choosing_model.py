"""What a model runs in, by the settings and by what is on the machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from photoseek.errors import ModelError
from photoseek.indexing.choosing_model import model_of, onnx_model
from photoseek.model import load_model
from photoseek.model.onnx_export import export_model
from photoseek.onnx_towers import place_for
from photoseek.records import ModelIdentity
from photoseek.settings import Settings, load_settings
from tests.support.models import save_model

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a saved model, and its export among others."""
    folder = tmp_path_factory.mktemp("models")
    name = save_model(folder / "saved")
    export_model(name, place_for(name, folder / "exports"), tell=lambda _: None)
    return folder


def settings(folder: Path, **more: str) -> Settings:
    name = f"local-dir:{folder / 'saved'}"
    return load_settings(**{"model": name, "exports": str(folder / "exports")} | more)


def test_an_export_is_taken_where_it_is_and_gives_the_same(folder: Path) -> None:
    chosen = onnx_model(settings(folder))
    assert chosen is not None
    right = load_model(chosen.identity.name, precision="fp32", device="cpu")
    np.testing.assert_allclose(chosen.encode_texts(["car"]), right.encode_texts(["car"]), atol=1e-5)
    on_demand = model_of(settings(folder, runtime="onnx"), on_demand=True)
    at_once = model_of(settings(folder, runtime="onnx"), on_demand=False)
    for model in (on_demand, at_once):
        assert model.identity == right.identity
        assert model.input_shape == right.input_shape
        many = list(np.zeros((20, 32, 32, 3), np.uint8))
        np.testing.assert_allclose(model.encode_images(many), right.encode_images(many), atol=1e-5)
        assert (model.precision, str(model.device)) == ("fp32", "cpu")


@pytest.mark.parametrize("runtime", ["auto", "onnx"])
def test_a_plain_model_needs_no_export(folder: Path, tmp_path: Path, runtime: str) -> None:
    chosen = onnx_model(settings(folder, exports=str(tmp_path), runtime=runtime))
    assert chosen is not None
    assert chosen.is_for_many or runtime == "auto"
    right = load_model(chosen.identity.name, precision="fp32", device="cpu")
    few = list(np.random.default_rng(0).integers(0, 256, (11, 32, 32, 3), np.uint8))
    np.testing.assert_allclose(chosen.encode_images(few), right.encode_images(few), atol=1e-5)
    with ThreadPoolExecutor() as pool:
        texts = [["car"], ["a red car at night"], ["", "sea"]] * 4
        made = list(pool.map(chosen.encode_texts, texts))
    for some, vectors in zip(texts, made, strict=True):
        np.testing.assert_allclose(vectors, right.encode_texts(some), atol=1e-5)


def test_a_model_that_is_here_as_onnx_alone_runs_so_on_every_machine(
    folder: Path, tmp_path: Path
) -> None:
    name = f"local-dir:{folder / 'saved'}"
    shutil.copytree(place_for(name, folder / "exports"), tmp_path / "alone")
    alone = load_settings(model=f"local-dir:{tmp_path / 'alone'}", exports=str(tmp_path / "no"))
    many = list(np.zeros((40, 32, 32, 3), np.uint8))
    right = load_model(name, precision="fp32", device="cpu").encode_images(many)
    for on_demand in (True, False):
        model = model_of(alone, on_demand=on_demand)
        np.testing.assert_allclose(model.encode_images(many), right, atol=1e-5)


@pytest.mark.parametrize("asked", [{"runtime": "torch"}, {"precision": "bf16"}, {"device": "cuda"}])
def test_what_is_asked_for_by_name_is_left_to_torch(folder: Path, asked: dict[str, str]) -> None:
    assert onnx_model(settings(folder, **asked)) is None


def test_vectors_of_another_model_are_left_to_torch(folder: Path) -> None:
    other = ModelIdentity(f"local-dir:{folder / 'saved'}", "0" * 16 + "-gelu-00000000", 32)
    assert onnx_model(settings(folder), other) is None


def test_onnx_is_refused_where_it_cannot_be(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no ONNX export .*export-model --model demo"):
        onnx_model(settings(tmp_path, runtime="onnx", model="demo"))
    with pytest.raises(ModelError, match="run on cpu in fp32"):
        onnx_model(settings(folder, runtime="onnx", precision="bf16"))


def test_nothing_of_torch_is_loaded_for_an_index_and_a_search(folder: Path, tmp_path: Path) -> None:
    """As in an installation that has none: to import it there is an error."""
    (tmp_path / "photos").mkdir()
    program = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import numpy as np
from PIL import Image
class NoTorch:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ("torch", "torchvision", "timm"):
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, NoTorch())
import photoseek.indexing.choosing_model as choosing
from photoseek.indexing.use_of_torch import has_torch
assert has_torch() is False
for number in range(20):
    noise = np.random.default_rng(number).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(f"photos/{number}.png")
from photoseek.engine import PhotoSearch
from photoseek.errors import ModelError
from photoseek.settings import load_settings
given = load_settings(model=sys.argv[1], exports=sys.argv[2], index="index")
with PhotoSearch(given) as index:
    assert index.index("photos").indexed == 20
    assert len(index.search("a red car", top_k=3).hits) == 3
try:
    choosing.model_of(load_settings(model="demo"), on_demand=True).encode_texts(["car"])
except ModelError as error:
    print(error)
"""
    name = f"local-dir:{folder / 'saved'}"
    command = [sys.executable, "-c", program, name, str(folder / "exports")]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    result = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "PyTorch is not installed" in result.stdout
