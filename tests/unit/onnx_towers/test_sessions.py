"""Towers as others write them: other numbers, batches of one size, and what is too new."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from photoseek.errors import WeightsError
from photoseek.onnx_towers.graph import Graph
from photoseek.onnx_towers.onnx_files import GRAPH, Buffer, fields, written, written_number
from photoseek.onnx_towers.sessions import Session

OUTPUT, FORMAT, VERSIONS = 12, 1, 8
"""Fields: the outputs of a graph, and of a model which ONNX and which operators it wants."""

FLOATS, HALVES = b"\x08\x01\x12", b"\x08\x0a\x12"
"""How an input or an output says that it is of float32, and of float16."""

BATCH = np.random.default_rng(0).random((10, 3, 8, 8), np.float32)


def tower(count: int | str = "batch") -> bytes:
    """The mean of each colour, for batches of that size."""
    graph = Graph()
    made = graph.add("Flatten", graph.add("GlobalAveragePool", "pixels"))
    given = ("pixels", [count, 3, 8, 8])
    return graph.model(given, (made, [count, 3]), of_numbers=False)


def without_outputs(model: bytes) -> bytes:
    parts: list[Buffer] = []
    for part in fields(model):
        if part.number == GRAPH and not isinstance(part.value, int):
            inner = [field.written for field in fields(part.value) if field.number != OUTPUT]
            parts += written(GRAPH, inner)
        else:
            parts.append(part.written)
    return b"".join(parts)


def load(model: bytes, folder: Path) -> Session:
    (folder / "model.onnx").write_bytes(model)
    return Session(folder / "model.onnx", 3)


@pytest.mark.parametrize("size", [1, 4, 10, 16])
@pytest.mark.parametrize("count", [1, 4, 9, 10])
def test_a_batch_of_one_size_takes_any_number(size: int, count: int, tmp_path: Path) -> None:
    session = load(tower(size), tmp_path)
    made = session(BATCH[:count])
    np.testing.assert_allclose(made, BATCH[:count].mean(axis=(2, 3)), rtol=1e-5)


def test_float16_is_taken_and_given_back_as_float32(tmp_path: Path) -> None:
    made = load(tower().replace(FLOATS, HALVES), tmp_path)(BATCH)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, BATCH.mean(axis=(2, 3)), atol=2e-3)


def of_format(number: int) -> bytes:
    """A model that asks for a later ONNX."""
    rest = [part.written for part in fields(tower()) if part.number != FORMAT]
    return b"".join([written_number(FORMAT, number), *rest])


def of_version(number: int) -> bytes:
    """A model that asks for later operators."""
    rest = [part.written for part in fields(tower()) if part.number != VERSIONS]
    return b"".join([*rest, *written(VERSIONS, [written_number(2, number)])])


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (lambda: of_format(99), "version: 99.* a later ONNX Runtime: .*install .*-U onnxruntime"),
        (lambda: of_version(99), "Opset 99.* a later ONNX Runtime: .*install .*-U onnxruntime"),
        (lambda: without_outputs(tower()), r"cannot be used: |it makes \[\]"),
    ],
)
def test_what_cannot_be_run_is_told(model: Callable[[], bytes], said: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=said) as told:
        load(model(), tmp_path)
    assert "ONNXRuntimeError" not in str(told.value)
    assert "onnxruntime_src" not in str(told.value)
