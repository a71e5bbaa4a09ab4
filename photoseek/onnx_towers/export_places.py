"""Where a model's export lies on this machine, or comes from."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from photoseek.compat.model_hub import cached, hub_file
from photoseek.errors import ModelError, TokenizerError, WeightsError
from photoseek.helpers.user_folders import cache_folder
from photoseek.onnx_towers.export_folder import (
    CONFIG,
    MODEL,
    NOTE,
    PREPROCESS,
    TEXTUAL,
    VISUAL,
    ExportFolder,
    is_export,
    read_export,
    read_note,
)
from photoseek.onnx_towers.onnx_files import is_own_name, weights_outside
from photoseek.plain_towers import tokenizer_here
from photoseek.plain_towers.model_files import text_config_of, weights_on_this_machine
from photoseek.tokenizing.tokenizer_files import CONFIG as TOKENIZER_CONFIG
from photoseek.tokenizing.tokenizer_files import SPECIAL, TOKENIZER, from_folder

FOLDER, HUB = "local-dir:", "hf-hub:"


def exports_folder(named: str | None) -> Path:
    """Where exports are kept: the folder that is named, or one of the user's own."""
    return Path(named).expanduser() if named else cache_folder() / "exports"


def place_for(name: str, exports: Path) -> Path:
    """The folder of a model among these exports."""
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", name.rpartition("/")[2])[-80:].strip("-.")
    digest = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
    return exports / f"{plain}-{digest}"


def find_export(name: str, exports: Path) -> ExportFolder | None:
    """The export of a model that is on this machine and not older than its weights and its
    tokenizer, or None.

    Raises:
        WeightsError: it is the only thing that there is of the model, and damaged.
    """
    weights = weights_on_this_machine(name)
    for folder in _places(name, exports):
        if not is_export(folder) or _is_older(folder, weights) or _reads_otherwise(folder, name):
            continue
        try:
            note = read_note(folder)
            if folder.parent == exports and (note is None or note.name != name):
                continue  # it is not written to its end, or is that of another model
            return read_export(folder, name)
        except WeightsError:
            if weights is None:
                raise
    return None


def fetch_export(name: str) -> ExportFolder | None:
    """The export of a model that the hub has; None where its repository holds none.

    Raises:
        ModelError: it cannot be had.
        WeightsError: it is damaged.
    """
    repository = name.removeprefix(HUB)
    if repository == name:
        return None
    try:
        first = hub_file(repository, f"{VISUAL}/{PREPROCESS}")
        if first is None:
            return None
        folder = first.parent.parent
        beside = [f"{TEXTUAL}/{each}" for each in (TOKENIZER, TOKENIZER_CONFIG, SPECIAL)]
        for file in (NOTE, CONFIG, *beside):
            hub_file(repository, file)
        for part in (VISUAL, TEXTUAL):
            tower = hub_file(repository, f"{part}/{MODEL}")
            for other in sorted(weights_outside(tower)) if tower else ():
                if is_own_name(other):  # what is not is refused when the folder is read
                    hub_file(repository, f"{part}/{other}")
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"The ONNX model {name!r} cannot be had: {reason}") from error
    return read_export(folder, name)


def _places(name: str, exports: Path) -> list[Path]:
    places = [place_for(name, exports)]
    if name.startswith(FOLDER):
        return [Path(name.removeprefix(FOLDER)), *places]
    if name.startswith(HUB) and (folder := cached(name.removeprefix(HUB))):
        return [folder, *places]
    return places


def _is_older(folder: Path, weights: Path | None) -> bool:
    """Whether weights were written after the export that was made of them."""
    note = folder / NOTE
    if weights is None or not note.is_file():
        return False
    return note.stat().st_mtime < weights.stat().st_mtime


def _reads_otherwise(folder: Path, name: str) -> bool:
    """Whether the model was given another tokenizer after it was exported."""
    note = folder / NOTE
    try:
        now = tokenizer_here(text_config_of(name) or {}, name)
        if now is None or not note.is_file() or now.changed_at() <= note.stat().st_mtime:
            return False
        return not now.is_same(from_folder(folder / TEXTUAL))
    except (OSError, TokenizerError):
        return False  # who reads them says what is wrong
