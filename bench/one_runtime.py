"""One row of `bench.runtimes`: a model in one runtime, measured in this process."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Pixels

TEXT = "a red car at night"
PHOTOS, CALLS = 8, 3
OWN_TEXTS = 10
OPENVINO = {"fp32": "f32", "bf16": "bf16"}


class Encodes(Protocol):
    """What is measured."""

    def encode_images(self, batch: list[Pixels]) -> NDArray[np.float32]:
        """Unit vectors of pictures."""

    def encode_texts(self, texts: list[str]) -> NDArray[np.float32]:
        """Unit vectors of texts."""


def main(task: str, name: str, folder: str, runtime: str = "", precision: str = "") -> None:
    """Export a model, or measure it and print JSON."""
    if task == "export":
        from photoseek.model.onnx_export import export_model

        export_model(name, Path(folder), tell=lambda _: None)
        print(json.dumps({}))
        return
    for processor in list(os.sched_getaffinity(0))[1:]:
        os.sched_setaffinity(0, os.sched_getaffinity(0) - {processor})
    model, size = _model(name, Path(folder), runtime, precision)
    model.encode_texts([TEXT])
    told = {"first": time.process_time(), "text_memory": _memory()}
    told["text"] = 1000 * _least(lambda: model.encode_texts([TEXT]), OWN_TEXTS)
    batch = list(np.random.default_rng(0).integers(0, 256, (PHOTOS, size, size, 3), np.uint8))
    model.encode_images(batch[:1])
    told["photo"] = 1000 / PHOTOS * _least(lambda: model.encode_images(batch), CALLS)
    told["memory"] = _memory()
    print(json.dumps(told))


def _model(name: str, exports: Path, runtime: str, precision: str) -> tuple[Encodes, int]:
    model: Any
    if runtime == "torch":
        from photoseek.model import load_model

        model = load_model(name, precision=precision, device="cpu")
        return model, model.input_shape.size
    from photoseek.onnx_towers import DrawnModel, OnnxModel, find_export
    from photoseek.plain_towers import plain_model

    if runtime == "drawn":
        plain = plain_model(name)
        assert plain is not None
        assert plain.input_shape is not None
        return OnnxModel(DrawnModel(plain)), plain.input_shape.size

    export = find_export(name, exports)
    assert export is not None
    if runtime == "onnx":
        model = OnnxModel(export)
        return model, model.input_shape.size
    return _InOpenVino(OnnxModel(export), export, precision), export.input_shape.size


class _InOpenVino:
    """The same files in OpenVINO."""

    def __init__(self, prepared: Any, export: Any, precision: str) -> None:
        import openvino

        options = {
            "INFERENCE_PRECISION_HINT": OPENVINO[precision],
            "INFERENCE_NUM_THREADS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        }
        core = openvino.Core()
        self._prepared, self._export = prepared, export
        self._tokenizer = export.tokenizer()
        self._towers = {
            part: core.compile_model(str(export.tower(part)), "CPU", options)
            for part in ("textual", "visual")
        }

    def encode_texts(self, texts: list[str]) -> NDArray[np.float32]:
        from photoseek.tokenizing import needed_length

        tokens = self._tokenizer(texts)
        cut = tokens[:, : needed_length(tokens, self._export.end_token)].astype(np.int32)
        made: NDArray[np.float32] = self._towers["textual"](cut)[0]
        return made

    def encode_images(self, batch: list[Pixels]) -> NDArray[np.float32]:
        planes = np.ascontiguousarray(self._prepared.planes(batch))
        made: NDArray[np.float32] = self._towers["visual"](planes)[0]
        return made


def _least(act: Callable[[], object], times: int) -> float:
    seconds = []
    for _ in range(times):
        start = time.process_time()
        act()
        seconds.append(time.process_time() - start)
    return min(seconds)


def _memory() -> float:
    """The most that this process has had at once, in MB; files that are mapped count.

    What `resource` says would count the process that started this one.
    """
    lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
    (most,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(most) / 1000


if __name__ == "__main__":
    main(*sys.argv[1:])
