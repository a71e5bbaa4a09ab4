"""Plain models over their weights, beside those that OpenCLIP makes."""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import timm
import torch
from huggingface_hub import constants
from PIL import Image
from safetensors.torch import load_file, save_file
from timm.models.vision_transformer import VisionTransformer

from photoseek.compat import openclip_parts
from photoseek.engine import PhotoSearch
from photoseek.errors import ModelMismatchError, UnknownModelError
from photoseek.indexing.model_on_demand import FEW, ModelOnDemand
from photoseek.model import ClipModel, Tower, load_model
from photoseek.onnx_towers import DrawnModel, OnnxModel
from photoseek.onnx_towers.drawn_towers import draw_vision
from photoseek.onnx_towers.sessions import Session
from photoseek.plain_towers import fetch_plain, plain_model
from photoseek.plain_towers.mapped_weights import MappedWeights
from photoseek.plain_towers.model_files import find_model, waits_for_download
from photoseek.plain_towers.plain_kinds import text_plan, vision_plan
from photoseek.plain_towers.plans import TIMM, Layers, Pool, VisionPlan
from photoseek.plain_towers.shapes import shapes_of
from photoseek.records import ModelIdentity, Pixels
from tests.support.models import save_model, save_with_tokenizer
from tests.support.random_models import network_of
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[3]
TEXTS = [
    *("car", "a red car at night", "ein rotes Auto bei Nacht auf der Straße", "🚗 سيارة حمراء"),
    *("", "the word <end_of_text> means no end", "a very long description of a red car " * 300),
    *("don't &amp; wonâ€™t", "  many\n spaces  and CAPITALS ", "1234 + 56"),
]


def changed(name: str, part: str, **members: Any) -> str:
    """The model of that name with a changed configuration."""
    path = Path(name.removeprefix("local-dir:")) / "open_clip_config.json"
    document = json.loads(path.read_text())
    (document["model_cfg"][part] if part != "model_cfg" else document["model_cfg"]).update(members)
    path.write_text(json.dumps(document))
    return name


def drawn(name: str, made_with: ModelIdentity | None = None) -> OnnxModel | None:
    """The model over its weights, where it is a plain one."""
    plain = plain_model(name, made_with)
    return OnnxModel(DrawnModel(plain), is_for_many=False) if plain else None


KINDS = [
    *("demo", "plain", "custom-text", "looks-both-ways", "as SigLIP 2"),
    *("quick-gelu", "float16", "bfloat16", "vectors of one"),
]


@pytest.fixture(params=KINDS)
def name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A model whose text tower is a plain one."""
    if request.param == "demo":
        return "demo"
    if request.param in ("custom-text", "looks-both-ways"):
        return save_model(tmp_path, request.param)
    if request.param == "as SigLIP 2":
        name = save_with_tokenizer(tmp_path, "SigLIP2")
        changed(name, "text_cfg", norm_kwargs={"eps": 1e-3}, act_kwargs={"approximate": "tanh"})
        return name
    name = save_model(tmp_path)
    if request.param == "quick-gelu":
        return changed(name, "model_cfg", quick_gelu=True)
    if request.param == "vectors of one":
        path = tmp_path / "open_clip_model.safetensors"
        weights = load_file(path)
        save_file(weights | {"logit_scale": weights["logit_scale"].reshape(1)}, path)
    elif request.param != "plain":
        path = tmp_path / "open_clip_model.safetensors"
        weights = load_file(path)
        kind = next(iter(weights.values())).new_empty(0)
        half = kind.half() if request.param == "float16" else kind.bfloat16()
        save_file({key: value.to(half.dtype) for key, value in weights.items()}, path)
    return name


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> ModelIdentity:
    """A model with plain towers, to be copied."""
    name = save_model(tmp_path_factory.mktemp("model"))
    return load_model(name, precision="fp32", device="cpu").identity


@pytest.fixture
def model(saved: ModelIdentity, tmp_path: Path) -> ModelIdentity:
    """A model with plain towers in `tmp_path`, which torch knows as this."""
    shutil.copytree(saved.name.removeprefix("local-dir:"), tmp_path, dirs_exist_ok=True)
    return replace(saved, name=f"local-dir:{tmp_path}")


def test_its_vectors_are_those_of_the_whole_model(name: str) -> None:
    whole = load_model(name, precision="fp32", device="cpu")
    plain = drawn(name, whole.identity)
    assert plain is not None
    assert plain.identity == whole.identity
    np.testing.assert_allclose(plain.encode_texts(TEXTS), whole.encode_texts(TEXTS), atol=2e-6)
    assert plain.encode_texts([]).shape == (0, whole.identity.dimensions)


def pictures(count: int) -> list[Pixels]:
    return list(np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8))


@pytest.mark.parametrize("count", [0, 1, 7])
def test_vectors_of_pictures_are_those_of_the_whole_model(name: str, count: int) -> None:
    plain = drawn(name)
    if name == "demo":
        assert plain is None, "its pictures are encoded by a network of another kind"
        return
    whole = load_model(name, precision="fp32", device="cpu")
    assert plain is not None
    assert (plain.identity, plain.input_shape) == (whole.identity, whole.input_shape)
    batch = pictures(count)
    assert plain.encode_images(batch).shape == (count, whole.identity.dimensions)
    np.testing.assert_allclose(plain.encode_images(batch), whole.encode_images(batch), atol=2e-6)


def test_torch_is_loaded_for_many_photos_and_for_weights_that_were_written_to(
    tmp_path: Path,
) -> None:
    name = save_model(tmp_path)
    loaded: list[Tower] = []

    def load(towers: Sequence[Tower]) -> ClipModel:
        loaded.extend(towers)
        return load_model(name, precision="fp32", device="cpu", towers=towers)

    model = ModelOnDemand(load, lambda: drawn(name))
    few = model.encode_images(pictures(FEW))
    model.encode_texts(TEXTS)
    assert not loaded
    np.testing.assert_allclose(model.encode_images(pictures(FEW)), few, atol=2e-6)
    assert loaded == ["vision"]

    other = ModelOnDemand(load, lambda: drawn(name))
    before = other.identity
    save_model(tmp_path, seed=1)
    assert other.identity != before
    assert loaded == ["vision", "text"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell what is mapped")
def test_what_runs_without_torch_is_freed_once_torch_is_loaded(tmp_path: Path) -> None:
    name = save_model(tmp_path)
    load = partial(load_model, name, precision="fp32", device="cpu")
    model = ModelOnDemand(lambda towers: load(towers=towers), lambda: drawn(name))
    model.encode_images(pictures(1))
    assert str(tmp_path) in Path("/proc/self/maps").read_text()
    model.encode_images(pictures(FEW))
    gc.collect()
    assert str(tmp_path) not in Path("/proc/self/maps").read_text()
    assert model.encode_texts(TEXTS).shape == (len(TEXTS), model.identity.dimensions)


def test_towers_that_were_let_go_are_loaded_again(tmp_path: Path) -> None:
    model = drawn(save_model(tmp_path))
    assert model is not None
    images, texts = model.encode_images(pictures(2)), model.encode_texts(TEXTS)
    model.let_go()
    np.testing.assert_array_equal(model.encode_images(pictures(2)), images)
    np.testing.assert_array_equal(model.encode_texts(TEXTS), texts)


def test_texts_are_answered_while_torch_is_loaded(tmp_path: Path) -> None:
    name = save_model(tmp_path)
    begun, allowed = threading.Event(), threading.Event()

    def load(towers: Sequence[Tower]) -> ClipModel:
        begun.set()
        assert allowed.wait(PATIENCE)
        return load_model(name, precision="fp32", device="cpu", towers=towers)

    model = ModelOnDemand(load, lambda: drawn(name))
    model.load(for_texts=True)
    with ThreadPoolExecutor() as pool:
        loading = pool.submit(model.load)
        assert begun.wait(PATIENCE)
        before = model.encode_texts(TEXTS)
        assert isinstance(before, np.ndarray)
        picture = pool.submit(model.encode_images, pictures(FEW + 1))
        allowed.set()
        loading.result(PATIENCE)
        assert picture.result(PATIENCE).shape == (FEW + 1, model.identity.dimensions)
    np.testing.assert_allclose(model.encode_texts(TEXTS), before, atol=2e-6)


def test_a_model_that_needs_torch_is_loaded_once_for_texts(tmp_path: Path) -> None:
    name = save_model(tmp_path)
    loaded: list[Sequence[Tower]] = []

    def load(towers: Sequence[Tower]) -> ClipModel:
        loaded.append(towers)
        return load_model(name, precision="fp32", device="cpu", towers=towers)

    model = ModelOnDemand(load)
    model.load(for_texts=True)
    model.encode_texts(TEXTS)
    model.encode_images(pictures(1))
    model.load()
    assert loaded == [["text", "vision"]]


def test_other_kinds_of_towers_are_left_to_torch(tmp_path: Path) -> None:
    whole = load_model(save_model(tmp_path, "end-token"), precision="fp32", device="cpu")
    assert plain_model(whole.identity.name, whole.identity) is None


def test_an_index_of_an_older_photoseek_is_searched_without_torch(model: ModelIdentity) -> None:
    """It knew the weights alone."""
    older = replace(model, fingerprint=model.fingerprint.partition("-")[0])
    found = plain_model(model.name, older)
    assert found is not None
    assert found.identity == model


def test_a_tokenizer_that_is_not_here_is_left_to_torch(tmp_path: Path) -> None:
    name = save_with_tokenizer(tmp_path, "SigLIP2")
    assert plain_model(name) is not None
    (tmp_path / "tokenizer.json").unlink()
    assert plain_model(name) is None


def test_pictures_of_siglip_are_those_of_timm(tmp_path: Path) -> None:
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"img_size": 32, "patch_size": 8, "embed_dim": 48, "depth": 2}
    kind: dict[str, Any] = {"class_token": False, "global_pool": "map", "act_layer": "gelu_tanh"}
    tower = VisionTransformer(num_heads=3, num_classes=0, **sizes, **kind).eval()
    path = tmp_path / "tower.safetensors"
    weights = {f"visual.trunk.{key}": value for key, value in tower.state_dict().items()}
    save_file({key: value.contiguous() for key, value in weights.items()}, path)
    layers = Layers("visual.trunk.blocks", TIMM, 2, 48, 3, 192, "gelu_tanh", 1e-6)
    plan = VisionPlan(layers, size=32, patch=8, has_whole=False, pool=Pool(3, 192))
    planes = torch.randn(3, 3, 32, 32)
    mine = Session(draw_vision(plan, MappedWeights(path), 48), 48)
    np.testing.assert_allclose(mine(planes.numpy()), tower(planes).detach(), atol=2e-6)


PE = [f"PE-Core-{size}" for size in ("T-16-384", "S-16-384", "B-16", "L-14-336", "bigG-14-448")]
SIGLIP = [
    *(f"ViT-{size}-SigLIP2-256" for size in ("B-32", "B-16", "L-16", "SO400M-16", "gopt-16")),
    *(f"ViT-SO400M-14-{kind}" for kind in ("SigLIP", "SigLIP-384", "SigLIP2-378")),
    *("ViT-B-16-SigLIP", "ViT-B-16-SigLIP-i18n-256", "ViT-SO400M-16-SigLIP-i18n-256"),
]
CLIP = ["ViT-B-32-256", "ViT-B-32-quickgelu", "ViT-g-14", "ViT-bigG-14"]


@pytest.mark.parametrize("architecture", ["PE-Core-S-16-384", "ViT-SO400M-14-SigLIP2"])
def test_pictures_in_their_own_size_are_those_of_timm(architecture: str, tmp_path: Path) -> None:
    """With the first two layers alone: the others are like them."""
    config = open_clip.get_model_config(architecture)
    preprocess = {"resize_mode": "squash", "interpolation": "bicubic"}
    plan = vision_plan(config, preprocess, quick_gelu=False)
    assert plan is not None
    plan, made = replace(plan, layers=replace(plan.layers, count=2)), config["embed_dim"]
    name, ends_in = config["vision_cfg"]["timm_model_name"], made if plan.is_turned else 0
    torch.manual_seed(0)
    tower = timm.create_model(name, num_classes=ends_in, global_pool="map", depth=2).eval()
    for weight in tower.parameters():  # what is zero at first hides what it is added to
        weight.data += 0.02 * torch.randn_like(weight)
    path = tmp_path / "tower.safetensors"
    weights = {f"visual.trunk.{key}": value for key, value in tower.state_dict().items()}
    save_file({key: value.contiguous() for key, value in weights.items()}, path)
    planes = torch.randn(2, 3, plan.size, plan.size)
    with torch.inference_mode():
        expected = torch.nn.functional.normalize(tower(planes)).numpy()
    mine = Session(draw_vision(plan, MappedWeights(path), made), made)(planes.numpy())
    mine /= np.linalg.norm(mine, axis=1, keepdims=True)
    np.testing.assert_allclose(mine, expected, atol=2e-6)


@pytest.mark.parametrize("architecture", [*SIGLIP, *PE, *CLIP])
def test_plain_models_are_drawn_as_openclip_makes_them(architecture: str) -> None:
    """Without their weights: shapes, activations and what is added to variances."""
    config = open_clip.get_model_config(architecture)
    quick = bool(config.pop("quick_gelu", False))
    preprocess = {"resize_mode": "squash", "interpolation": "bicubic"}
    text = text_plan(config, quick_gelu=quick)
    vision = vision_plan(config, preprocess, quick_gelu=quick)
    assert text is not None
    assert vision is not None
    with torch.device("meta"):
        network = network_of(config | {"quick_gelu": quick})
    expected = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    dimensions = config["embed_dim"]
    has_bias = "init_logit_bias" in config
    assert shapes_of(text, vision, dimensions, has_logit_bias=has_bias) == expected
    for plan in (text, vision):
        layer = network.get_submodule(plan.layers.all()[-1])
        norm = network.get_submodule(f"{plan.layers.all()[-1]}.{plan.layers.names.norm_1}")
        assert norm.eps == plan.layers.epsilon
        inner: Any = layer.mlp.gelu if hasattr(layer.mlp, "gelu") else layer.mlp.act
        given = torch.linspace(-4, 4, 999)
        activations: dict[str, Any] = {
            "gelu": torch.nn.functional.gelu,
            "gelu_tanh": lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
            "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
        }
        torch.testing.assert_close(inner(given), activations[plan.layers.activation](given))
        heads = layer.attn.num_heads
        assert (plan.layers.heads, plan.layers.width) == (heads, norm.normalized_shape[0])


def test_weights_that_were_changed_are_left_to_torch(model: ModelIdentity, tmp_path: Path) -> None:
    """What the index was made with is wanted, and what is wrong is said by who loads the rest."""
    assert plain_model(model.name, model) is not None
    assert plain_model(model.name, replace(model, fingerprint="0" * 16)) is None
    save_model(tmp_path, seed=1)
    assert plain_model(model.name, model) is None


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("vision_cfg", {"patch_size": 16}),
        ("vision_cfg", {"pool_type": "avg"}),
        ("text_cfg", {"layers": 1}),
        ("model_cfg", {"quick_gelu": True}),
        ("text_cfg", {"heads": 4}),
        ("text_cfg", {"ls_init_value": 0.1}),
        ("vision_cfg", {"image_size": 64}),
    ],
)
def test_what_is_done_otherwise_is_left_to_torch(
    part: str, change: dict[str, Any], model: ModelIdentity
) -> None:
    changed(model.name, part, **change)
    assert plain_model(model.name, model) is None
    if change.keys() & {"pool_type", "patch_size", "layers"}:
        assert plain_model(model.name, None) is None


def test_pictures_alone_may_be_left_to_torch(model: ModelIdentity) -> None:
    changed(model.name, "vision_cfg", ls_init_value=0.1)  # which the fingerprint does not tell
    plain = plain_model(model.name, model)
    assert plain is not None
    assert plain.input_shape is None
    assert plain_model(model.name, None) is None


@pytest.mark.parametrize("length", [0, 4, 100, 20_000, -4, -1])
def test_damaged_weights_are_left_to_torch(
    length: int, model: ModelIdentity, tmp_path: Path
) -> None:
    assert plain_model(model.name, model) is not None
    path = tmp_path / "open_clip_model.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    assert plain_model(model.name, model) is None
    assert plain_model(model.name, None) is None


def test_what_was_downloaded_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Published weights by their tag and by their place on the hub, as its client keeps them."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    place = openclip_parts.published("ViT-B-32", "laion2b_s34b_b79k")["hf_hub"].rstrip("/")
    cached = tmp_path / f"models--{place.replace('/', '--')}"
    save_model(cached / "snapshots" / "123")
    named = load_model(f"local-dir:{cached}/snapshots/123", precision="fp32", device="cpu").identity
    by_place = replace(named, name=f"hf-hub:{place}")
    assert plain_model(by_place.name, by_place) is None
    assert waits_for_download("ViT-B-32:laion2b_s34b_b79k")
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("123")
    found = plain_model(by_place.name, by_place)
    assert found is not None
    assert found.identity == by_place
    by_tag = find_model("ViT-B-32:laion2b_s34b_b79k")
    assert by_tag is not None
    assert by_tag.weights == cached / "snapshots" / "123" / "open_clip_model.safetensors"
    assert find_model("ViT-B-32:laion400m_e32") is None
    assert find_model("ViT-B-32-nothing:laion400m_e32") is None
    assert not waits_for_download("ViT-B-32:laion2b_s34b_b79k")
    assert waits_for_download("ViT-B-32:laion400m_e32")


@pytest.mark.parametrize(
    "name",
    [
        *("demo", "local-dir:/no/such/folder", "hf-hub:nobody/nothing", "ViT-B-99:laion2b"),
        *("ViT-B-32", "ViT-B-32:no_such_tag", "ViT-B-32:/no/such/file.safetensors"),
    ],
)
def test_what_cannot_be_downloaded_waits_for_nothing(name: str) -> None:
    """It is here, or is refused at once."""
    assert not waits_for_download(name)


@pytest.mark.parametrize("name", ["hf-hub:", "hf-hub:tiny", "hf-hub:a/b/c"])
def test_what_can_be_no_name_on_the_hub_is_told_before_that_is_asked(name: str) -> None:
    with pytest.raises(UnknownModelError, match="Write --model hf-hub:ORGANISATION/NAME"):
        fetch_plain(name)


def test_nothing_of_torch_is_loaded_and_openclip_can_be_loaded_afterwards() -> None:
    model = load_model("demo", precision="fp32", device="cpu").identity
    program = """
import sys
from photoseek.records import ModelIdentity
from photoseek.onnx_towers import DrawnModel, OnnxModel
from photoseek.plain_towers import plain_model

tower = OnnxModel(DrawnModel(plain_model("demo", ModelIdentity("demo", sys.argv[1], 128))))
vector = tower.encode_texts(["a red car"])
loaded = {"torch", "open_clip", "torchvision", "timm", "huggingface_hub"} & set(sys.modules)
assert not loaded, loaded

from photoseek.model import load_model
import numpy as np
whole = load_model("demo", precision="fp32", device="cpu")
np.testing.assert_allclose(vector, whole.encode_texts(["a red car"]), atol=2e-6)
"""
    subprocess.run([sys.executable, "-c", program, model.fingerprint], cwd=ROOT, check=True)


def test_an_index_takes_its_model_from_where_the_folder_is_by_now(tmp_path: Path) -> None:
    save_model(tmp_path / "before")
    save_model(tmp_path / "other", seed=1)
    buffer = BytesIO()
    Image.new("RGB", (48, 32), "red").save(buffer, "PNG")
    place = str(tmp_path / "index")
    with PhotoSearch.open(place, model=f"local-dir:{tmp_path / 'before'}") as photos:
        photos.add(buffer.getvalue())
    (tmp_path / "before").rename(tmp_path / "now")
    with (
        PhotoSearch.open(place) as photos,
        pytest.raises(UnknownModelError, match="not there: .*before. Name the one where .* now"),
    ):
        photos.search("red")
    with PhotoSearch.open(place, model=f"local-dir:{tmp_path / 'now'}") as photos:
        assert photos.search("red").total == 1
    with (
        PhotoSearch.open(place, model=f"local-dir:{tmp_path / 'other'}") as photos,
        pytest.raises(ModelMismatchError, match="was made with the model"),
    ):
        photos.search("red")
