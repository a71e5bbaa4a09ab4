"""What every model promises, on the demo model and on each kind of text tower."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from photoseek.errors import ModelError, TokenizerError, UnknownModelError, WeightsError
from photoseek.identity import same_vectors
from photoseek.model import ClipModel, load_model
from photoseek.onnx_towers import DrawnModel, OnnxModel
from photoseek.plain_towers import plain_model
from tests.support.models import ARCHITECTURES, DIMENSIONS, save_model, save_with_tokenizer

TEXTS = ["car", "a red car at night", "ein rotes Auto bei Nacht auf der Straße", "🚗 سيارة حمراء"]


@pytest.fixture(scope="module", params=["demo", *ARCHITECTURES])
def name(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "demo":
        return "demo"
    return save_model(tmp_path_factory.mktemp("model"), request.param)


@pytest.fixture(scope="module")
def model(name: str) -> ClipModel:
    return load_model(name, precision="fp32", device="cpu")


def pictures(model: ClipModel, count: int) -> list[np.ndarray]:
    size = model.input_shape.size
    return list(np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8))


def test_vectors_have_unit_length(model: ClipModel) -> None:
    images = model.encode_images(pictures(model, 3))
    texts = model.encode_texts(TEXTS)
    for vectors, count in ((images, 3), (texts, len(TEXTS))):
        assert vectors.dtype == np.float32
        assert vectors.shape == (count, model.identity.dimensions)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_nothing_in_nothing_out(model: ClipModel) -> None:
    assert model.encode_images([]).shape == (0, model.identity.dimensions)
    assert model.encode_texts([]).shape == (0, model.identity.dimensions)


def test_a_batch_gives_what_single_calls_give(model: ClipModel) -> None:
    images = pictures(model, 3)
    np.testing.assert_allclose(
        model.encode_images(images),
        np.concatenate([model.encode_images([image]) for image in images]),
        atol=1e-4,
    )
    np.testing.assert_allclose(
        model.encode_texts(TEXTS),
        np.concatenate([model.encode_texts([text]) for text in TEXTS]),
        atol=1e-4,
    )


def test_many_threads_get_what_one_gets(model: ClipModel) -> None:
    texts = [f"{text} {number}" for number in range(6) for text in TEXTS]
    with ThreadPoolExecutor(len(texts)) as pool:
        vectors = list(pool.map(lambda text: model.encode_texts([text])[0], texts))
    np.testing.assert_allclose(vectors, model.encode_texts(texts), atol=1e-4)


def test_vectors_are_those_of_openclip(model: ClipModel, name: str) -> None:
    source = name
    if name == "demo":
        folder = Path(__file__).parents[2] / "photoseek" / "demo" / "model"
        source = f"local-dir:{folder}"
    network, preprocess = open_clip.create_model_from_pretrained(source)
    network.eval()
    tokens = open_clip.get_tokenizer(source)(TEXTS)
    images = pictures(model, 2)
    with torch.inference_mode():
        texts = network.encode_text(tokens, normalize=True).numpy()
        planes = torch.stack([preprocess(Image.fromarray(image)) for image in images])
        expected = network.encode_image(planes, normalize=True).numpy()
    np.testing.assert_allclose(model.encode_texts(TEXTS), texts, atol=1e-4)
    np.testing.assert_allclose(model.encode_images(images), expected, atol=1e-4)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_tower_alone_gives_what_the_whole_model_gives(name: str, precision: str) -> None:
    whole = load_model(name, precision=precision, device="cpu")
    text = load_model(name, precision=precision, device="cpu", towers=["text"])
    vision = load_model(name, precision=precision, device="cpu", towers=["vision"])
    assert text.identity == vision.identity == whole.identity
    assert text.input_shape == vision.input_shape == whole.input_shape
    images = pictures(whole, 3)
    np.testing.assert_array_equal(vision.encode_images(images), whole.encode_images(images))
    for texts in (TEXTS, TEXTS[:1]):
        np.testing.assert_array_equal(text.encode_texts(texts), whole.encode_texts(texts))
    with pytest.raises(AssertionError, match="vision tower was not loaded"):
        text.encode_images(images)
    with pytest.raises(AssertionError, match="text tower was not loaded"):
        vision.encode_texts(TEXTS)


def test_a_text_tower_alone_is_not_rounded() -> None:
    """It is for a query or two, and used as it lies in its file."""
    text = load_model("demo", device="cpu", towers=["text"])
    assert text.precision == "fp32"
    exact = load_model("demo", device="cpu", precision="fp32")
    np.testing.assert_array_equal(text.encode_texts(TEXTS), exact.encode_texts(TEXTS))


def test_a_long_text_is_cut_and_not_refused(model: ClipModel) -> None:
    words = "a very long description of a red car " * 300
    assert model.encode_texts([words]).shape == (1, model.identity.dimensions)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_rounding_hardly_moves_the_vectors(name: str, model: ClipModel, precision: str) -> None:
    rounded = load_model(name, precision=precision, device="cpu")
    images = pictures(model, 4)
    cosine = (model.encode_images(images) * rounded.encode_images(images)).sum(axis=1)
    assert cosine.min() > 0.995
    assert rounded.identity == model.identity, "the fingerprint is of the weights as published"


def test_identity_tells_weights_apart(tmp_path: Path) -> None:
    one = load_model(save_model(tmp_path / "a", seed=1)).identity
    again = load_model(save_model(tmp_path / "a", seed=1)).identity
    other = load_model(save_model(tmp_path / "a", seed=2)).identity
    assert one == again
    assert one.name == other.name
    assert one.fingerprint != other.fingerprint
    assert one.dimensions == DIMENSIONS


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("model_cfg", {"quick_gelu": True}),
        ("vision_cfg", {"pool_type": "avg"}),
        ("vision_cfg", {"head_width": 8}),
        ("text_cfg", {"heads": 4}),
        ("text_cfg", {"pool_type": "last"}),
        ("text_cfg", {"norm_kwargs": {"eps": 0.1}}),
        ("preprocess_cfg", {"mean": [0.5, 0.5, 0.5]}),
        ("preprocess_cfg", {"std": [0.5, 0.5, 0.5]}),
        ("preprocess_cfg", {"resize_mode": "squash"}),
        ("preprocess_cfg", {"interpolation": "bilinear"}),
    ],
)
def test_identity_tells_apart_what_is_done_with_the_same_weights(
    part: str, change: dict[str, Any], tmp_path: Path
) -> None:
    name = save_model(tmp_path)
    one = load_model(name).identity
    _change(tmp_path, part, change)
    other = load_model(name).identity
    assert one.fingerprint != other.fingerprint
    assert one.fingerprint[:16] == other.fingerprint[:16]
    assert not same_vectors(one, other)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("model_cfg", {"quick_gelu": False}),
        ("vision_cfg", {"patch_dropout": 0.5, "pool_type": "tok", "mlp_ratio": 4}),
        ("text_cfg", {"context_length": 24, "pool_type": "argmax"}),
        ("preprocess_cfg", {"mean": [0.5, 0.40, 0.30]}),
    ],
)
def test_identity_is_the_same_where_the_same_is_said_in_other_words(
    part: str, change: dict[str, Any], tmp_path: Path
) -> None:
    name = save_model(tmp_path)
    one = load_model(name).identity
    _change(tmp_path, part, change)
    assert load_model(name).identity == one


def _change(folder: Path, part: str, change: dict[str, Any]) -> None:
    path = folder / "open_clip_config.json"
    config = json.loads(path.read_text())
    parts = {**config, **config["model_cfg"]}
    parts[part].update(change)
    path.write_text(json.dumps(config))


def test_the_fingerprint_of_a_model_stays() -> None:
    """Every index holds its model's: a change here, be it by another OpenCLIP, refuses them all."""
    assert load_model("demo").identity.fingerprint == "da755b8fc4957db4-gelu-bf544af5"


def test_precision_is_chosen() -> None:
    assert load_model("demo").precision in ("fp32", "bf16", "fp16")


def test_unknown_names_are_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError, match="Did you mean ViT-B-32"):
        load_model("ViT-B-33")
    with pytest.raises(UnknownModelError, match="needs weights behind a colon.*laion2b_s34b_b79k"):
        load_model("ViT-B-32")
    with pytest.raises(UnknownModelError, match="'nonsense' is none"):
        load_model("ViT-B-32:nonsense")
    with pytest.raises(UnknownModelError, match="names a folder that is not there"):
        load_model(f"local-dir:{tmp_path / 'missing'}")
    with pytest.raises(UnknownModelError, match="holds no open_clip_config.json"):
        load_model(f"local-dir:{tmp_path}")


def test_missing_weights_are_never_random_weights(tmp_path: Path) -> None:
    name = save_model(tmp_path)
    (tmp_path / "open_clip_model.safetensors").unlink()
    with pytest.raises(WeightsError, match="holds no open_clip_model.safetensors: .*Copy all"):
        load_model(name)


def test_damaged_weights_are_told(tmp_path: Path) -> None:
    name = save_model(tmp_path)
    (tmp_path / "open_clip_model.safetensors").write_bytes(b"\x10" * 100)
    with pytest.raises(WeightsError, match=r"cannot be used: .*\. They are in .*, and are damaged"):
        load_model(name)


def test_damaged_pickled_weights_are_told(tmp_path: Path) -> None:
    name = save_model(tmp_path)
    (tmp_path / "open_clip_model.safetensors").unlink()
    for content in (b"", b"nonsense", b"PK\x03\x04 no archive"):
        (tmp_path / "open_clip_pytorch_model.bin").write_bytes(content)
        with pytest.raises(WeightsError, match="cannot be used"):
            load_model(name)


@pytest.mark.parametrize("text", ["{", "[]", '{"model_cfg": {}}'])
def test_a_folder_that_describes_no_model_is_told(tmp_path: Path, text: str) -> None:
    name = save_model(tmp_path)
    (tmp_path / "open_clip_config.json").write_text(text)
    with pytest.raises(WeightsError, match=r"open_clip_config.json does not describe a model"):
        load_model(name)


def test_weights_of_another_architecture_are_told(tmp_path: Path) -> None:
    save_model(tmp_path)
    with pytest.raises(WeightsError, match="or of another architecture"):
        load_model(f"ViT-S-32-alt:{tmp_path / 'open_clip_model.safetensors'}")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Standard", "standard"),
        ("vit-b-32:openai", "ViT-B-32:openai"),
        ("ViT-B-32 : openai", "ViT-B-32:openai"),
        ("ViT-B-32:laion2b_s34b_b79", "ViT-B-32:laion2b_s34b_b79k"),
        ("Demo", "demo"),
        ("immich-app/ViT-B-32__openai", "hf-hub:immich-app/ViT-B-32__openai"),
    ],
)
def test_what_a_name_may_mean_is_told(name: str, meant: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError, match=f"Did you mean local-dir:{tmp_path}"):
        load_model(str(tmp_path))
    with pytest.raises(UnknownModelError, match=rf"Did you mean ([^?]*, )?{meant}[,?]"):
        load_model(name)


def test_what_names_nothing_is_told(tmp_path: Path) -> None:
    folder = save_model(tmp_path).removeprefix("local-dir:")
    with pytest.raises(UnknownModelError, match=f"Did you mean local-dir:{tmp_path}"):
        load_model(f"{folder}/open_clip_model.safetensors")
    for name, said in (
        ("local-dir:", "names no folder"),
        ("hf-hub:", "names no model on the hub"),
        ("hf-hub:a/b/c", "names no model on the hub"),
        ("ViT-B-32:none.safetensors", "there is no file none.safetensors"),
    ):
        with pytest.raises(UnknownModelError, match=said):
            load_model(name)


def test_a_file_that_holds_no_weights_is_not_to_be_read_at_all_risk(tmp_path: Path) -> None:
    (tmp_path / "photos.csv").write_text("path,caption\n")
    with pytest.raises(WeightsError, match="It is no file of weights") as told:
        load_model(f"ViT-B-32:{tmp_path / 'photos.csv'}")
    assert "weights_only" not in str(told.value)


def test_a_tokenizer_of_another_model_is_told_before_any_photo_is_encoded(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    name = save_with_tokenizer(tmp_path, "SigLIP2")
    file, config = tmp_path / "open_clip_model.safetensors", tmp_path / "open_clip_config.json"
    weights = load_file(file)
    weights["text.token_embedding.weight"] = weights["text.token_embedding.weight"][:200].copy()
    save_file(weights, file)
    config.write_text(config.read_text().replace('"vocab_size": 49408', '"vocab_size": 200'))
    with pytest.raises(TokenizerError, match="is that of another model: .* knows 200 tokens"):
        load_model(name, towers=["vision"])
    plain = plain_model(name)
    assert plain is not None
    model = OnnxModel(DrawnModel(plain))
    with pytest.raises(TokenizerError, match="is that of another model"):
        model.encode_images([np.zeros((32, 32, 3), np.uint8)])


@pytest.mark.parametrize(
    "wrong", [{"mean": [0.5]}, {"std": [0.2, 0.0, 0.2]}, {"mean": [float("nan"), 0.5, 0.5]}]
)
def test_what_pictures_are_normalised_by_is_told(tmp_path: Path, wrong: dict[str, Any]) -> None:
    name = save_model(tmp_path, **wrong)
    assert plain_model(name) is None
    with pytest.raises(ModelError, match="mean and std are three numbers each"):
        load_model(name)


def test_weights_that_give_no_vectors_are_told(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    name, file = save_model(tmp_path), tmp_path / "open_clip_model.safetensors"
    save_file({key: np.full_like(value, np.nan) for key, value in load_file(file).items()}, file)
    with pytest.raises(WeightsError, match="gives no vectors: its weights are damaged"):
        load_model(name)


def test_weights_of_another_shape_are_told(tmp_path: Path) -> None:
    name = save_model(tmp_path)
    config = tmp_path / "open_clip_config.json"
    config.write_text(config.read_text().replace('"embed_dim": 32', '"embed_dim": 48'))
    with pytest.raises(WeightsError, match="size mismatch for .* or of another architecture"):
        load_model(name)


def test_a_device_that_is_not_there_is_told() -> None:
    with pytest.raises(ModelError, match="'cuda:99' cannot be used"):
        load_model("demo", device="cuda:99", precision="fp32")


def test_an_unknown_way_of_resizing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="resized by 'longest'"):
        load_model(save_model(tmp_path, resize_mode="longest"))
