"""What to say where the weights of a model are missing, damaged, or of another shape."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

from safetensors import SafetensorError

from photoseek.errors import UnknownModelError, WeightsError
from photoseek.onnx_towers import is_export
from photoseek.plain_towers.model_files import (
    ALTERNATIVES,
    CONFIG,
    WEIGHTS,
    weights_on_this_machine,
)

BAD_WEIGHTS = (
    *(RuntimeError, OSError, ValueError, LookupError, TypeError, AttributeError, EOFError),
    *(AssertionError, ImportError, SafetensorError, pickle.UnpicklingError),
)
"""What OpenCLIP lets through when weights or what describes them are missing, damaged, or of
another shape."""


def check_model_folder(folder: Path, shown: str) -> None:
    """Look whether a folder may hold a model; `shown` is what the user calls it.

    Raises:
        UnknownModelError: it is not there, or holds no model.
        WeightsError: what describes the model cannot be read.
    """
    if not folder.is_dir():
        where = "" if folder.is_absolute() else f" below {Path.cwd()}"
        raise UnknownModelError(
            f"The model {shown!r} names a folder that is not there{where}: {folder}. Name the one "
            "where the model is now: --model local-dir:FOLDER."
        )
    if not (folder / CONFIG).is_file() and is_export(folder):
        raise UnknownModelError(
            f"The model {shown!r} is an export: {folder} holds ONNX files, which ONNX Runtime "
            "alone runs. PyTorch, tune and export-model take the model that it was made of; name "
            "that one, or leave --runtime torch out."
        )
    if not (folder / CONFIG).is_file():
        raise UnknownModelError(
            f"The folder of the model {shown!r} holds no {CONFIG}: {folder}. "
            "Save one with OpenCLIP's push_to_hf_hub or save_for_hf."
        )
    if weights_on_this_machine(f"local-dir:{folder}") is None:
        raise WeightsError(
            f"The folder of the model {shown!r} holds no {WEIGHTS}: {folder}. Copy all files of "
            "the model there."
        )
    try:
        json.loads((folder / CONFIG).read_text(encoding="utf-8"))["model_cfg"]["text_cfg"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise WeightsError(
            f"The model {shown!r} cannot be used: {folder / CONFIG} does not describe a model of "
            f"OpenCLIP ({reason}). Copy the model's files once more."
        ) from error


def unusable_weights(source: str, name: str, error: Exception) -> WeightsError:
    """What to raise for what OpenCLIP says of weights; `source` is what it knows the model by."""
    reason = _reason(error)
    scheme, _, rest = source.partition(":")
    place = Path(rest)
    if scheme != "hf-hub" and rest and place.exists():
        return WeightsError(
            f"The weights of the model {name!r} cannot be used: {reason} They are in {place}, and "
            "are damaged or of another architecture. Copy them once more, whole, or name the model "
            "that they belong to."
        )
    return WeightsError(f"The weights of the model {name!r} cannot be had: {reason} {ALTERNATIVES}")


def _reason(error: Exception) -> str:
    """The first line of what was said, with the first example where it is but a heading."""
    if isinstance(error, pickle.UnpicklingError):  # what torch says is to read it at all risk
        return "It is no file of weights, or one that would run a program of its own."
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = " ".join(lines[: 2 if lines and lines[0].endswith(":") else 1])
    return f"{(said or type(error).__name__).rstrip('.')}."
