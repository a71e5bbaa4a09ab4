"""Where an export may be written: nothing of anybody else's is replaced."""

from __future__ import annotations

from pathlib import Path

from photoseek.errors import SettingsError, WeightsError
from photoseek.helpers.path_rules import is_hidden
from photoseek.identity import folder_of
from photoseek.onnx_towers.export_folder import (
    CONFIG,
    MADE_OF,
    MODEL,
    NOTE,
    PREPROCESS,
    TEXTUAL,
    VISUAL,
    read_note,
)
from photoseek.tokenizing.tokenizer_files import CONFIG as TOKENIZER_CONFIG
from photoseek.tokenizing.tokenizer_files import TOKENIZER

DATA = f"{MODEL}.data"
"""The file beside a tower that has its weights."""

PART = ".part"
"""In the folder of a tower: where it is written, before it is there."""

_AT_TOP = frozenset({CONFIG, NOTE, VISUAL, TEXTUAL})
_OF_TOWER = frozenset({MODEL, DATA, MADE_OF, PREPROCESS, TOKENIZER, TOKENIZER_CONFIG})


def check_target(folder: Path, name: str, fingerprint: str) -> None:
    """Refuse a folder where an export would replace what somebody needs.

    It may be empty, the model's own, or one in which the same model was exported before, or was
    begun to be; `fingerprint` tells weights that have changed since from those of another model.

    Raises:
        SettingsError: something else lies there.
    """
    own = folder_of(name)
    if own is not None and own.resolve() == folder.resolve():
        return
    try:
        note = read_note(folder)
    except WeightsError:
        note = None  # nothing reads it any more
    if note is not None and note.name != name and note.fingerprint != fingerprint:
        raise SettingsError(
            f"{folder} holds the export of another model, {note.name!r}, which an index may need, "
            "and is left as it is. Name a new folder: --to FOLDER."
        )
    if foreign := _foreign(folder):
        raise SettingsError(
            f"{folder} is not empty ({foreign.name}), and what is there is left as it is. Name a "
            "new folder for the export: --to FOLDER."
        )


def _foreign(folder: Path) -> Path | None:
    """Something in a folder that no export of photoseek's has, if there is anything."""
    at_top = [path for path in sorted(folder.iterdir()) if not is_hidden(path)]
    inner = [file for path in at_top if path.is_dir() for file in sorted(path.iterdir())]
    unknown = [path for path in at_top if path.name not in _AT_TOP]
    unknown += [path for path in inner if path.name not in _OF_TOWER and not is_hidden(path)]
    if unknown:
        return unknown[0]
    is_ours = (folder / NOTE).is_file() or any(path.name in (MADE_OF, PART) for path in inner)
    return at_top[0] if at_top and not is_ours else None
