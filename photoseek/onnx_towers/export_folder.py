"""The folder that a model's towers lie in as ONNX files, in the layout that Immich publishes.

config.json                     the model's configuration, as OpenCLIP has it
visual/model.onnx               pictures to vectors; weights may lie in files beside it
visual/preprocess_cfg.json      how pictures are prepared
textual/model.onnx              tokens to vectors
textual/tokenizer.json          how texts become tokens, with tokenizer_config.json
photoseek.json                  which model it is: what `photoseek export-model` adds
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from photoseek.errors import WeightsError
from photoseek.helpers.git_lfs import pointer_remark
from photoseek.onnx_towers.onnx_files import is_own_name, weights_outside
from photoseek.photos import InputShape
from photoseek.plain_towers import channels_of
from photoseek.plain_towers.model_config import check_text_config
from photoseek.records import ModelIdentity
from photoseek.tokenizing import Tokenizer, make_tokenizer
from photoseek.tokenizing.tokenizer_files import from_folder

MODEL, CONFIG, NOTE = "model.onnx", "config.json", "photoseek.json"
VISUAL, TEXTUAL, PREPROCESS = "visual", "textual", "preprocess_cfg.json"
MADE_OF = "made_of.json"
"""In the folder of a tower: which model it was written from. A run that was stopped goes on."""

FORMAT = 1
"""The version of the note."""

SAMPLES, SAMPLE = 64, 4096
"""Parts of a file that tell it from others, and how many bytes each has."""


@dataclass(frozen=True, slots=True)
class Note:
    """What `photoseek.json` says.

    Attributes:
        name: the model, as `--model` names it.
        fingerprint: that of the weights that it was made of, so that one index serves both.
        dimensions: the length of its vectors.
        end_token: where texts may be cut: the text tower takes any length. None where it does not.
        format: the version of this.
    """

    name: str
    fingerprint: str
    dimensions: int
    end_token: int | None
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class ExportFolder:
    """The towers of a model, and what is needed to feed them."""

    folder: Path
    identity: ModelIdentity
    input_shape: InputShape
    mean: tuple[float, ...]
    std: tuple[float, ...]
    text_config: Mapping[str, Any]
    end_token: int | None

    @property
    def place(self) -> Path:
        """Where it is, for messages."""
        return self.folder

    def tower(self, part: str) -> Path:
        """The file of a tower."""
        return self.folder / part / MODEL

    def tokenizer(self) -> Tokenizer:
        """What makes tokens for its text tower.

        Raises:
            TokenizerError: it cannot be had.
        """
        named = self.text_config.get("hf_tokenizer_name")
        files = from_folder(self.folder / TEXTUAL) if named else None
        return make_tokenizer(self.text_config, files)

    def is_as_it_was(self) -> bool:
        """Whether its weights are what they were: files are replaced whole, and what is mapped
        stays.
        """
        return True


def is_export(folder: Path) -> bool:
    """Whether a folder looks like one."""
    return (folder / VISUAL / MODEL).is_file() and (folder / TEXTUAL / MODEL).is_file()


def write_note(path: Path, note: Note) -> None:
    """Say which model a folder holds. Written last, it is what makes it whole."""
    path.write_text(json.dumps(asdict(note), indent=2), encoding="utf-8")


def read_note(folder: Path) -> Note | None:
    """What the folder says of itself; None where it says nothing, as those of others.

    Raises:
        WeightsError: it is damaged, or of a later version.
    """
    path = folder / NOTE
    if not path.is_file():
        return None
    said = _read_json(path)
    try:
        note = Note(**said)
        named = all(isinstance(each, str) and each for each in (note.name, note.fingerprint))
        has_end = note.end_token is None or _is_number(note.end_token)
        is_right = named and has_end and _is_number(note.dimensions) and note.dimensions > 0
        if note.format != FORMAT or not is_right:
            raise ValueError("it is of another version")
    except (TypeError, ValueError) as error:
        raise _unusable(folder, f"{NOTE} does not say what this photoseek wants to know") from error
    return note


def _is_number(value: object) -> bool:
    return type(value) is int and value >= 0


def made_of(folder: Path) -> str:
    """The fingerprint of the weights that a tower was written from, as the file beside it says; ""
    where there is none, or it is damaged.
    """
    try:
        said = json.loads((folder / MADE_OF).read_text(encoding="utf-8"))
        return str(said["fingerprint"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def read_export(folder: Path, name: str, note: Note | None = None) -> ExportFolder:
    """What is in a folder, for the model of that name. No weights are read.

    `note` is what the folder will say of itself, while it does not yet.

    Raises:
        WeightsError: something is missing or damaged, or its weights lie outside of the folder.
    """
    note = note or read_note(folder)
    config = _read_json(folder / CONFIG)
    prepare = _read_json(folder / VISUAL / PREPROCESS)
    for part in (VISUAL, TEXTUAL):
        _check_weights(folder, part)
    of_towers = {made_of(folder / part) for part in (VISUAL, TEXTUAL)} - {""}
    if len(of_towers | ({note.fingerprint} if note else set())) > 1:
        raise _unusable(folder, f"its two towers and {NOTE} are not of the same model")
    try:
        check_text_config(config["text_cfg"])
        text_config = dict(config["text_cfg"])
        if note:
            identity = ModelIdentity(name, note.fingerprint, note.dimensions)
        else:
            identity = ModelIdentity(name, _fingerprint(folder), int(config["embed_dim"]))
        mean, std = channels_of(prepare)
        if identity.dimensions < 1:
            raise ValueError(f"its vectors have {identity.dimensions} numbers")
        return ExportFolder(
            folder=folder,
            identity=identity,
            input_shape=_input_shape(prepare),
            mean=mean,
            std=std,
            text_config=text_config,
            end_token=note.end_token if note else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(folder, f"what describes it is wrong or missing: {error}") from error


def _input_shape(prepare: Mapping[str, Any]) -> InputShape:
    size = prepare["size"]
    sides = {size} if isinstance(size, int) else set(size)
    mode = prepare.get("resize_mode") or "shortest"  # Immich's older ones do not say it
    interpolation = prepare.get("interpolation") or "bicubic"
    if len(sides) != 1 or not 1 <= int(min(sides)) <= 4096:
        raise ValueError(f"the size of pictures is {size}; only squares are known")
    if mode not in ("shortest", "squash") or interpolation not in ("bicubic", "bilinear"):
        raise ValueError(f"pictures are resized by {mode!r} and {interpolation!r}")
    return InputShape(
        size=int(sides.pop()),
        resize_mode="squash" if mode == "squash" else "shortest",
        interpolation="bilinear" if interpolation == "bilinear" else "bicubic",
    )


def _check_weights(folder: Path, part: str) -> None:
    """Refuse a tower that is not here, or reads files that are none of its own."""
    path = folder / part / MODEL
    if not path.is_file():
        raise _unusable(folder, f"it holds no {part}/{MODEL}")
    try:
        names = weights_outside(path)
    except (OSError, ValueError) as error:
        raise _unusable(folder, f"{part}/{MODEL} cannot be read: {error}", path) from error
    for name in sorted(names):
        if not is_own_name(name):
            raise _unusable(
                folder, f"{part}/{MODEL} asks for weights in {name!r}, which is outside of it"
            )
        if not (path.parent / name).is_file():
            raise _unusable(folder, f"it holds no {part}/{name}, which has weights of the model")
        if pointer_remark(path.parent / name):
            raise _unusable(folder, f"its weights are not in {part}/{name}", path.parent / name)


def _fingerprint(folder: Path) -> str:
    """What tells the model from others, where nobody says what it was made of.

    It is made from parts of all files: vectors of the same model by torch have another one.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in (VISUAL, TEXTUAL):
        for path in sorted(each for each in (folder / part).iterdir() if each.is_file()):
            size = path.stat().st_size
            digest.update(f"{part}/{path.name} {size}".encode())
            with path.open("rb") as file:
                for sample in range(SAMPLES):
                    file.seek(max(0, size - SAMPLE) * sample // (SAMPLES - 1))
                    digest.update(file.read(SAMPLE))
    digest.update((folder / CONFIG).read_bytes())
    return f"{digest.hexdigest()}-onnx"


def _read_json(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _unusable(path.parent, f"it holds no {path.name}") from error
    except (OSError, ValueError) as error:
        raise _unusable(path.parent, f"{path.name} cannot be read: {error}") from error
    if not isinstance(said, dict):
        raise _unusable(path.parent, f"{path.name} is no JSON object")
    return said


def _unusable(folder: Path, reason: str, file: Path | None = None) -> WeightsError:
    """What to raise; `file` is the one that is to blame, where that may be a mere pointer."""
    return WeightsError(
        f"The ONNX model in {folder} cannot be used: {reason}. Write it again with "
        f"photoseek export-model, or fetch all of its files.{pointer_remark(file) if file else ''}"
    )
