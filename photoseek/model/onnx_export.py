"""A model's towers written as ONNX files, for `photoseek.onnx_towers` and for Immich."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from photoseek.compat.torch_onnx import export_to_onnx
from photoseek.errors import ModelError, StorageError, TokenizerError
from photoseek.files.atomic import replacing
from photoseek.model.devices import first_line
from photoseek.model.export_target import DATA, PART, check_target
from photoseek.model.exported_towers import ExportedText, ExportedVision, write_out_layers
from photoseek.model.loading import open_network
from photoseek.model.open_network import OpenNetwork
from photoseek.model.proof import TEXTS, pictures
from photoseek.onnx_towers import OnnxModel, read_export
from photoseek.onnx_towers.export_folder import (
    CONFIG,
    MADE_OF,
    MODEL,
    NOTE,
    PREPROCESS,
    TEXTUAL,
    VISUAL,
    Note,
    made_of,
    read_note,
    write_note,
)
from photoseek.onnx_towers.onnx_files import move_weights_out
from photoseek.plain_towers.channels import channels_of
from photoseek.tokenizing.tokenizer_files import CONFIG as TOKENIZER_CONFIG
from photoseek.tokenizing.tokenizer_files import TOKENIZER, TokenizerFiles, from_folder

SPARE = 64 << 20
"""Bytes that are left free on the disk."""


SAME = 0.9999
"""The least cosine similarity of a vector to that of torch."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """Whether anything had to be written, and how large all of it is."""

    is_new: bool
    bytes: int


def export_model(name: str, folder: Path, *, tell: Callable[[str], None]) -> ExportReport:
    """Write the towers of a model, and what is needed to feed them, into a folder.

    Each file is there whole or not at all, and `photoseek.json` comes last: a folder with it is
    complete, and has been found to give the vectors that torch gives. A tower that a run before
    has written is left as it is.

    Args:
        name: as `load_model` takes it.
        folder: where to; it is made.
        tell: called with a sentence on each thing that is done.

    Raises:
        SettingsError: something else lies in the folder.
        ModelError: the model cannot be had, or something in it cannot be written as ONNX.
        StorageError: the disk is too small, or cannot be written to.
    """
    tell(f"Loading {name} ...")
    whole = open_network(name, device="cpu")
    network, identity = whole.network.eval(), whole.identity
    text = ExportedText(network).eval()
    note = Note(name, identity.fingerprint, identity.dimensions, text.end_token)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        has_all = (folder / NOTE).is_file() and read_note(folder) == note
        if has_all and _has_tokenizer(folder, whole.tokenizer_files):
            return ExportReport(False, _size(folder))
        check_target(folder, name, identity.fingerprint)
        (folder / NOTE).unlink(missing_ok=True)
        waiting = [part for part in (VISUAL, TEXTUAL) if not _is_written(folder / part, note)]
        _check_room(folder, network, waiting)
        size = network.visual.preprocess_cfg["size"]
        sides = (size, size) if isinstance(size, int) else tuple(size)
        right = _vectors(whole, sides[0])  # before any layer is another one
        write_out_layers(network)
        length = whole.tokenizer.length
        open_length = {1: "length"} if text.end_token is not None else {}
        towers: dict[str, tuple[Any, torch.Tensor, str, dict[int, str]]] = {
            VISUAL: (ExportedVision(network).eval(), torch.zeros(2, 3, *sides), "image", {}),
            TEXTUAL: (text, _example(length, text.end_token), "text", open_length),
        }
        for part in waiting:
            tell(f"Writing {folder / part / MODEL} ...")
            tower, example, given, ends = towers[part]
            names = (given, "embedding")
            _write_tower(folder / part, tower, example, names, {0: "batch", **ends})
            _write_json(folder / part / MADE_OF, {"fingerprint": identity.fingerprint})
        _describe(folder, whole)
        tell("Comparing its vectors with torch's ...")
        with replacing(folder / NOTE) as path:
            write_note(path, note)
            _compare(folder, right, note)
    except OSError as error:
        raise StorageError(f"The model cannot be written to {folder}: {error}") from error
    return ExportReport(True, _size(folder))


def _vectors(whole: OpenNetwork, size: int) -> NDArray[np.float32]:
    """The vectors that torch gives for some pictures and texts."""
    mean, std = channels_of(whole.network.visual.preprocess_cfg)
    shown = (np.stack(pictures(size)) / 255 - mean) / std
    planes = torch.from_numpy(shown.transpose(0, 3, 1, 2).astype(np.float32))
    with torch.inference_mode():
        vision = whole.network.encode_image(planes)
        text = whole.network.encode_text(torch.from_numpy(whole.tokenizer(TEXTS)))
        both = torch.cat([vision, text]).float()
        unit: NDArray[np.float32] = torch.nn.functional.normalize(both, dim=-1).numpy()
    return unit


def _compare(folder: Path, right: NDArray[np.float32], note: Note) -> None:
    """Refuse an export whose vectors are not those of torch."""
    export = read_export(folder, note.name, note)
    exported = OnnxModel(export)
    shown = pictures(export.input_shape.size)
    made = np.concatenate([exported.encode_images(shown), exported.encode_texts(TEXTS)])
    least = float((made * right).sum(axis=1).min())
    if not least >= SAME:
        raise ModelError(
            f"The ONNX files of {note.name} give other vectors than torch: their cosine similarity "
            f"is {least:.5f} and not {SAME}. torch runs the model all the same."
        )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _example(length: int, end_token: int | None) -> torch.Tensor:
    """Tokens of two texts of the length that the model reads."""
    tokens = torch.ones(2, length, dtype=torch.int32)
    tokens[:, -1] = 1 if end_token is None else end_token
    return tokens


def _write_tower(
    folder: Path, tower: Any, example: torch.Tensor, names: tuple[str, str], ends: dict[int, str]
) -> None:
    """Write one tower; what PyTorch writes first is taken apart, and removed."""
    folder.mkdir(exist_ok=True)
    work = folder / PART
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        export_to_onnx(tower, example, work / MODEL, names=names, open_ends=ends)
        with (
            replacing(folder / MODEL, part=work / f"new-{MODEL}") as model,
            replacing(folder / DATA, part=work / DATA) as data,
            data.open("wb") as weights,
        ):
            move_weights_out((work / MODEL).read_bytes(), work, model, weights)
    except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
        raise ModelError(
            f"A tower of this model cannot be written as ONNX: {first_line(error)} torch runs it "
            "all the same."
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _is_written(folder: Path, note: Note) -> bool:
    has_files = (folder / MODEL).is_file() and (folder / DATA).is_file()
    return has_files and made_of(folder) == note.fingerprint


def _check_room(folder: Path, network: Any, waiting: list[str]) -> None:
    """Refuse to begin what the disk has no room for: a tower is there twice while it is written."""
    of_vision = _bytes(network.visual)
    sizes = {VISUAL: of_vision, TEXTUAL: _bytes(network) - of_vision}
    wanted = [sizes[part] for part in waiting]
    needed = sum(wanted) + max(wanted, default=0) + SPARE
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"{folder} has room for {free / 1e9:.1f} GB, and this model needs {needed / 1e9:.1f} "
            "GB while it is written. Choose another folder: --to FOLDER."
        )


def _has_tokenizer(folder: Path, files: TokenizerFiles | None) -> bool:
    """Whether an export reads texts as the model does by now."""
    try:
        return files is None or files.is_same(from_folder(folder / TEXTUAL))
    except (OSError, TokenizerError):
        return False


def _bytes(module: Any) -> int:
    parts = [*module.parameters(), *module.buffers()]
    return sum(each.numel() * each.element_size() for each in parts)


def _describe(folder: Path, whole: OpenNetwork) -> None:
    """Write what feeds the towers: configuration, pictures, tokens."""
    _write_json(folder / CONFIG, whole.config)
    _write_json(folder / VISUAL / PREPROCESS, dict(whole.network.visual.preprocess_cfg))
    if whole.tokenizer_files:
        with replacing(folder / TEXTUAL / TOKENIZER) as path:
            shutil.copyfile(whole.tokenizer_files.path, path)
        _write_json(folder / TEXTUAL / TOKENIZER_CONFIG, whole.tokenizer_files.config)


def _write_json(path: Path, content: Any) -> None:
    with replacing(path) as part:
        part.write_text(json.dumps(content, indent=2), encoding="utf-8")
