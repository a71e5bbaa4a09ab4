"""Tables of large vocabularies, made once and kept in the user's folder for caches."""

from __future__ import annotations

import hashlib
import json
import zipfile
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from photoseek.files.atomic import keep
from photoseek.helpers.user_folders import cache_folder
from photoseek.tokenizing.token_table import FORMAT, TokenTable, make_table

LARGE = 4 << 20
"""Bytes. To read a smaller `tokenizer.json` takes no longer than to read a table of it."""

_DAMAGED = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile),
)
"""What reading a kept table raises where it is cut off, or something else."""

_STATE, _FRAME = "state", "frame"


def table_of(path: Path, *, large: int = LARGE) -> TokenTable | None:
    """The table of a `tokenizer.json`; None where to read all of it is the way.

    It is kept beside others, and made again when the file has changed. Where nothing can be
    written it is made at each start.
    """
    try:
        real = path.resolve()
        state = real.stat()
        if state.st_size < large:
            return None
        told = np.array([FORMAT, state.st_size, state.st_mtime_ns], np.int64)
        digest = hashlib.blake2b(str(real).encode(), digest_size=8).hexdigest()
        kept = cache_folder() / "tokenizers" / f"{digest}.npz"
    except OSError:
        return None
    with suppress(*_DAMAGED), kept.open("rb") as file, np.load(file) as parts:
        if np.array_equal(parts[_STATE], told):
            return _read(parts)
    try:
        table = make_table(real)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # who reads all of it says what is wrong
    keep(kept, lambda file: np.savez(file, **{_STATE: told, **_parts(table)}))
    return table


def _read(parts: Any) -> TokenTable | None:
    frame = json.loads(parts[_FRAME].tobytes())
    if frame is None:
        return None
    arrays = {name: parts[name] for name in _arrays()}
    return TokenTable(frame=frame["frame"], longest=frame["longest"], **arrays)


def _parts(table: TokenTable | None) -> dict[str, Any]:
    """What is written of a table, or that the file has none, which takes as long to find out."""
    said = table and {"frame": table.frame, "longest": table.longest}
    arrays = {name: getattr(table, name) for name in _arrays()} if table else {}
    return {_FRAME: np.frombuffer(json.dumps(said).encode(), np.uint8), **arrays}


def _arrays() -> list[str]:
    return [each.name for each in fields(TokenTable) if each.name not in (_FRAME, "longest")]
