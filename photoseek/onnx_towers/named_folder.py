"""Whether a folder that is named as a model may hold one, without torch."""

from __future__ import annotations

import json
from pathlib import Path

from photoseek.compat.openclip_parts import preparation
from photoseek.errors import UnknownModelError, WeightsError
from photoseek.helpers.git_lfs import pointer_remark
from photoseek.onnx_towers.export_folder import is_export
from photoseek.plain_towers import channels_of
from photoseek.plain_towers.model_config import check_config
from photoseek.plain_towers.model_files import CONFIG, WEIGHTS, weights_on_this_machine

PICKLED = "open_clip_pytorch_model.bin"
_LOOKED_FOR = {".safetensors", ".bin", ".pth"}
"""How the names end of the files that OpenCLIP takes for weights in a folder."""


def check_model_folder(folder: Path, shown: str) -> None:
    """Look whether a folder may hold a model; `shown` is what the user calls it.

    Raises:
        UnknownModelError: it is not there, or holds no model.
        WeightsError: what describes the model cannot be read, or its weights are none.
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
    _check_weights(folder, shown)
    try:
        document = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        check_config(document["model_cfg"])
        prepare = document.get("preprocess_cfg") or {}
        if not isinstance(prepare, dict):
            raise ValueError("preprocess_cfg is no JSON object")
        channels_of(preparation() | prepare)
    except (OSError, ValueError, LookupError, TypeError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise WeightsError(
            f"The model {shown!r} cannot be used: {folder / CONFIG} does not describe a model of "
            f"OpenCLIP ({reason}). Copy the model's files once more."
            f"{pointer_remark(folder / CONFIG)}"
        ) from error


def _check_weights(folder: Path, shown: str) -> None:
    weights = weights_on_this_machine(f"local-dir:{folder}")
    if weights is None:
        raise WeightsError(
            f"The folder of the model {shown!r} holds no {WEIGHTS}: {folder}. Copy all files of "
            "the model there."
        )
    if weights.suffix not in _LOOKED_FOR:
        raise WeightsError(
            f"The folder of the model {shown!r} holds no {WEIGHTS}: {folder}. OpenCLIP does not "
            f"look for {weights.name} there: call it {PICKLED}, if these are the model's weights."
        )
    if remark := pointer_remark(weights):
        raise WeightsError(f"The weights of the model {shown!r} are not in {folder}.{remark}")
