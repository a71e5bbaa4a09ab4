"""Which device and number format a model gets, tried with real ones: a CPU, and torch's `meta`.

`meta` computes nothing: for a model it is a device that is there and does not work.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from photoseek.errors import ModelError
from photoseek.helpers.batching import Embeddings
from photoseek.model import load_model
from photoseek.model.devices import EXACT, KINDS, Kind, Way, encode_in_parts, present, ways
from photoseek.model.proof import pictures
from photoseek.records import Pixels
from tests.support.models import save_model

ROUNDING = Kind("cpu", lambda: 1, lambda: ("fp16", "fp32"))
BROKEN = Kind("meta", lambda: 1, lambda: ("fp16", "fp32"))
TWO = Kind("cuda", lambda: 2, lambda: ("fp16", "fp32"))
NONE = Kind("mps", lambda: 0, lambda: ("fp16", "fp32"))
TEXTS = ["a red car", "a harbour at night"]


@pytest.fixture
def name(tmp_path: Path) -> str:
    return save_model(tmp_path / "model")


@pytest.fixture
def too_large(tmp_path: Path) -> str:
    """A model with weights beyond 65,504, the largest number in float16. Its vectors are those of
    a smaller model, as they are made as long as 1.
    """
    name = save_model(tmp_path / "too large")
    path = tmp_path / "too large" / "open_clip_model.safetensors"
    weights = load_file(path)
    weights["visual.proj"] *= 1e7
    save_file(weights, path)
    return name


def test_auto_takes_what_is_there_in_the_order_of_the_table() -> None:
    kinds = (NONE, TWO, ROUNDING)
    assert present(kinds) == ["cuda:0", "cuda:1", "cpu"]
    assert [*ways("auto", "auto", kinds=kinds)] == [
        *(Way("cuda", "fp16"), Way("cuda", "fp32")),
        *(Way("cpu", "fp16"), EXACT),
    ]
    assert [*ways("auto", "bf16", kinds=kinds)] == [Way("cuda", "bf16")]
    assert [*ways("cuda:1", "auto", kinds=kinds)] == [Way("cuda:1", "fp16"), Way("cuda:1", "fp32")]
    assert [*ways("cpu", "auto", for_queries=True, kinds=kinds)] == [EXACT]
    assert "cpu" in present()
    assert [*ways("auto", "auto")][-1] == EXACT


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        ("cuda:2", "'cuda:2' cannot be used: this machine has none of that name. There are cuda:0"),
        ("mps", "'mps' cannot be used: this machine has none"),
        ("toaster", "'toaster' cannot be used: .*toaster.* Choose one of these, or --device auto"),
        ("", "'' cannot be used"),
    ],
)
def test_a_device_that_is_not_there_is_told_with_those_that_are(device: str, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        next(ways(device, "auto", kinds=(NONE, TWO, ROUNDING)))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one here")
def test_why_there_is_no_cuda() -> None:
    with pytest.raises(ModelError, match="There are .*cpu. PyTorch .* CUDA"):
        load_model("demo", device="cuda")


def test_what_is_known_to_torch_alone_is_taken_in_float32() -> None:
    assert [*ways("meta", "auto")] == [Way("meta", "fp32")]


def test_float16_is_taken_where_it_gives_the_same_vectors(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    model = load_model(name, kinds=(ROUNDING,))
    assert (model.precision, str(model.device)) == ("fp16", "cpu")
    assert model.remarks == ()
    assert not caplog.records
    exact = load_model(name, precision="fp32", device="cpu")
    images = pictures(model.input_shape.size)
    for rounded, known in (
        (model.encode_images(images), exact.encode_images(images)),
        (model.encode_texts(TEXTS), exact.encode_texts(TEXTS)),
    ):
        assert not np.array_equal(rounded, known)
        np.testing.assert_allclose(rounded, known, atol=0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell what is mapped")
def test_weights_that_were_converted_are_not_in_memory_as_they_were(
    name: str, tmp_path: Path
) -> None:
    gc.disable()  # what is let go is free at once, and not when Python looks for it some day
    try:
        model = load_model(name, kinds=(ROUNDING,))
        assert model.precision == "fp16"
        assert str(tmp_path) not in Path("/proc/self/maps").read_text()
    finally:
        gc.enable()


def test_weights_that_are_too_large_for_float16_stay_in_float32(
    too_large: str, caplog: pytest.LogCaptureFixture
) -> None:
    model = load_model(too_large, kinds=(ROUNDING,))
    assert model.precision == "fp32"
    [remark] = model.remarks
    assert remark == (
        "cpu in fp16 cannot be used for this model: some of its numbers are too large there, and "
        "not in cpu in fp32."
    )
    assert caplog.messages == [f"{remark} The model runs on cpu in fp32."]
    exact = load_model(too_large, precision="fp32", device="cpu")
    images = pictures(model.input_shape.size)
    np.testing.assert_array_equal(model.encode_images(images), exact.encode_images(images))
    np.testing.assert_allclose(model.encode_texts(TEXTS), exact.encode_texts(TEXTS), atol=1e-3)


def test_each_tower_is_proved_alone(too_large: str) -> None:
    assert load_model(too_large, kinds=(ROUNDING,), towers=["vision"]).precision == "fp32"
    kinds = (BROKEN, ROUNDING)
    text = load_model(too_large, kinds=kinds, towers=["text"])
    assert (text.precision, str(text.device)) == ("fp32", "cpu")
    assert len(text.remarks) == 2


def test_a_number_format_that_is_named_is_taken_as_it_is(too_large: str) -> None:
    model = load_model(too_large, precision="fp16", device="cpu", kinds=(ROUNDING,))
    assert model.precision == "fp16"
    assert not np.isfinite(model.encode_images(pictures(model.input_shape.size))).all()


def test_a_device_that_does_not_work_is_passed_over(name: str) -> None:
    model = load_model(name, kinds=(BROKEN, ROUNDING))
    assert (model.precision, str(model.device)) == ("fp16", "cpu")
    assert [remark.partition(" cannot")[0] for remark in model.remarks] == [
        "meta in fp16",
        "meta in fp32",
    ]
    assert np.isfinite(model.encode_images(pictures(model.input_shape.size))).all()


def test_a_device_that_is_named_is_not_exchanged_for_another(name: str) -> None:
    with pytest.raises(
        ModelError, match="meta in fp32 cannot be used for this model.*--device cpu"
    ):
        load_model(name, device="meta")


def test_the_table_of_this_machine_gives_a_model(name: str) -> None:
    model = load_model(name, kinds=KINDS)
    assert model.precision in ("fp32", "bf16", "fp16")


TOO_MUCH = 1 << 50
"""Bytes that no machine has."""


def test_a_batch_that_needs_too_much_memory_is_halved() -> None:
    sizes: list[int] = []

    def encode(batch: Sequence[Pixels]) -> Embeddings:
        sizes.append(len(batch))
        if len(batch) > 3:
            torch.empty(TOO_MUCH, dtype=torch.uint8)
        return np.stack([each.ravel()[:2] for each in batch]).astype(np.float32)

    batch = [np.full((1, 1, 3), number, np.uint8) for number in range(11)]
    vectors = encode_in_parts(encode, batch, "cpu")
    assert vectors[:, 0].tolist() == [*range(11)]
    assert sizes == [11, 5, 2, 3, 6, 3, 3]


def test_too_little_memory_for_one_picture_is_told() -> None:
    def encode(batch: Sequence[Pixels]) -> Embeddings:
        return torch.empty(TOO_MUCH).numpy()

    with pytest.raises(ModelError, match="The memory of cpu is too small .* smaller --model"):
        encode_in_parts(encode, pictures(8), "cpu")


def test_other_errors_are_no_matter_of_memory() -> None:
    def encode(batch: Sequence[Pixels]) -> Embeddings:
        return (torch.ones(2, 3) @ torch.ones(2, 3)).numpy()

    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        encode_in_parts(encode, pictures(8), "cpu")
