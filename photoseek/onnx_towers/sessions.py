"""A tower in ONNX Runtime. The only module that imports it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.compat.onnx_runtime import without_telemetry
from photoseek.errors import WeightsError
from photoseek.helpers.installation import pip
from photoseek.helpers.machine import processors
from photoseek.onnx_towers.tower_pen import DrawnTower

Features = NDArray[np.float32]
"""Shape (count, dimensions)."""

FOLDER = "session.model_external_initializers_file_folder_path"
"""The option that says where the file with the weights of a model lies that is in no file."""

_TYPES: dict[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}

_OF_THE_RUNTIME = re.compile(r"\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : |/onnxruntime_src/\S+ .*?\) ")
"""What it puts before a sentence: a number of its own, and the place in its source."""

_TOO_NEW = re.compile(r"Unsupported model IR version|Current official support for domain")


class Session:
    """One tower: one input, and one vector of `dimensions` numbers for each member of a batch.

    Safe to call from several threads.

    Attributes:
        shape: of its input; None is for an axis of any length.
    """

    def __init__(self, tower: Path | DrawnTower, dimensions: int) -> None:
        """Load a tower. Its weights are mapped into memory where they lie in a file of their own;
        those of one that was drawn are never copied either.

        Raises:
            WeightsError: it is damaged, or of another kind.
        """
        without_telemetry()
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = processors()
        # Threads that wait are not busy at it, and memory is given back between two batches.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4  # what goes wrong is raised, and told in sentences
        self._dimensions = dimensions
        model: bytes | str
        if isinstance(tower, DrawnTower):
            self._place, model = tower.file, tower.model
            options.add_session_config_entry(FOLDER, str(tower.file.parent))
            # To pack its matrices takes as much memory again, and seconds at each start.
            options.add_session_config_entry("session.disable_prepacking", "1")
            if tower.given:
                values = map(onnxruntime.OrtValue.ortvalue_from_numpy, tower.given.values())
                options.add_external_initializers(list(tower.given), list(values))
        else:
            self._place, model = tower, str(tower)
        try:
            self._session: Any = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # it has a class of its own for each of a dozen reasons
            raise self._unusable(_first_line(error)) from error
        given, made = self._session.get_inputs(), self._session.get_outputs()
        if len(given) != 1 or given[0].type not in _TYPES:
            kinds = ", ".join(f"{each.name} {each.type}" for each in given)
            raise self._unusable(f"its inputs are {kinds}, and not one of numbers")
        shape = list(made[0].shape or ()) if made else []
        if len(shape) != 2 or (isinstance(shape[1], int) and shape[1] != dimensions):
            raise self._unusable(f"it makes {shape}, and not vectors of {dimensions} numbers")
        self._input, self._type = given[0].name, _TYPES[given[0].type]
        self.shape = tuple(side if isinstance(side, int) else None for side in given[0].shape)

    def __call__(self, batch: NDArray[Any]) -> Features:
        """The vectors of a batch, shape (len(batch), dimensions), of any length.

        Raises:
            WeightsError: the tower does not take it, or gives something else.
        """
        whole = np.ascontiguousarray(batch, self._type)
        try:
            rows = [self._session.run(None, {self._input: part})[0] for part in self._parts(whole)]
        except Exception as error:
            raise self._unusable(_first_line(error)) from error
        made: Features = np.concatenate(rows)[: len(whole)].astype(np.float32, copy=False)
        if made.shape != (len(whole), self._dimensions):
            raise self._unusable(f"it made {made.shape} of {len(whole)} at once")
        return made

    def _parts(self, whole: NDArray[Any]) -> list[NDArray[Any]]:
        """A batch in parts as large as the tower takes them; the last one is filled up."""
        fixed = self.shape[0] if self.shape else None
        if not fixed:
            return [whole]
        starts = range(0, len(whole), fixed)
        missing = -len(whole) % fixed
        filled = np.concatenate([whole, whole[-1:].repeat(missing, axis=0)])
        return [filled[start : start + fixed] for start in starts]

    def _unusable(self, reason: str) -> WeightsError:
        mend = "Write the model again with photoseek export-model, or fetch all of its files."
        if _TOO_NEW.search(reason):
            mend = f"It was written for a later ONNX Runtime: {pip('-U onnxruntime')}."
        return WeightsError(f"The tower in {self._place} cannot be used: {reason}. {mend}")


def _first_line(error: Exception) -> str:
    said = str(error) or type(error).__name__
    return _OF_THE_RUNTIME.sub("", said.splitlines()[0]).rstrip(".")
