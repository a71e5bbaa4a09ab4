"""Vectors of texts that are asked for again and again, kept on this machine's disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoseek.files.atomic import keep
from photoseek.helpers.user_folders import cache_folder
from photoseek.identity import text_key
from photoseek.records import ModelIdentity

KEPT = 16
"""Files of vectors; those that were written first go."""

_LONGEST = 1e-3
"""By which the length of a unit vector may differ from 1."""

Matrix = NDArray[np.float32]


def kept_vectors(
    model: ModelIdentity,
    texts: Sequence[str],
    make: Callable[[], Matrix],
    folder: Path | None = None,
) -> Matrix:
    """The unit vectors that a model makes of these texts, shape (n, dimensions).

    `make` is asked where they are not kept yet. The `folder` is the user's own unless it is named;
    where it cannot be written to, they are made each time. A damaged file is made again.
    """
    asked = json.dumps([*text_key(model), list(texts)])
    digest = blake2b(asked.encode(), digest_size=16).hexdigest()
    path = (folder or cache_folder() / "texts") / f"{digest}.npy"
    known = _read(path, model.dimensions)
    if known is not None:
        return known
    vectors = make()
    keep(path, lambda file: np.save(file, vectors.astype(np.float32), allow_pickle=False))
    with suppress(OSError):
        for old in sorted(path.parent.glob("*.npy"), key=_written)[:-KEPT]:
            old.unlink(missing_ok=True)
    return vectors


def _read(path: Path, dimensions: int) -> Matrix | None:
    try:
        vectors = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if vectors.dtype != np.float32 or vectors.ndim != 2 or vectors.shape[1] != dimensions:
        return None
    lengths = np.linalg.norm(vectors, axis=1)
    is_sound = bool(len(vectors)) and bool((abs(lengths - 1) < _LONGEST).all())
    return vectors if is_sound else None


def _written(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0
