"""Evaluations as files, which a later one is compared with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from photoseek.errors import SourceError, StorageError
from photoseek.evaluation.rankings import RANKS, Direction
from photoseek.evaluation.trial import Evaluation
from photoseek.files.atomic import replacing

FORMAT = "photoseek evaluation 1"

_TEXTS = ("model", "fingerprint", "digest")
_COUNTS = ("photos", "pictures")


def save(evaluation: Evaluation, path: Path) -> None:
    """Write an evaluation with what became of each query.

    Raises:
        StorageError: the file cannot be written.
    """
    told: dict[str, Any] = {"format": FORMAT}
    told |= {name: getattr(evaluation, name) for name in (*_TEXTS, *_COUNTS, "graded")}
    told |= {name: _told(direction) for name, direction in evaluation.directions.items()}
    text = json.dumps(told)  # ASCII, so that lone surrogates travel as escapes
    try:
        with replacing(path) as part:
            part.write_text(text + "\n", "ascii")
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror or error}.") from error


def read_saved(path: Path) -> Evaluation:
    """What `save` has written.

    Raises:
        SourceError: it cannot be read, or is something else.
    """
    try:
        told = json.loads(path.read_bytes())
        if not isinstance(told, dict) or told.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT!r}")
        directions = (_direction(told["text_to_image"]), _direction(told["image_to_text"]))
        return Evaluation(
            model=_text(told["model"]),
            fingerprint=_text(told["fingerprint"]),
            photos=int(told["photos"]),
            pictures=int(told["pictures"]),
            graded=bool(told["graded"]),
            digest=_text(told["digest"]),
            text_to_image=directions[0],
            image_to_text=directions[1],
        )
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise SourceError(
            f"{path} is no saved evaluation ({error}). Make one with evaluate --save FILE.json."
        ) from error


def _told(direction: Direction) -> dict[str, Any]:
    return {
        "keys": list(direction.keys),
        "ranks": direction.ranks.tolist(),
        "ndcg": direction.ndcg.tolist(),
    }


def _direction(told: Mapping[str, Any]) -> Direction:
    keys = tuple(map(_text, told["keys"]))
    ranks = np.array(told["ranks"], np.int64)
    ndcg = np.array(told["ndcg"], np.float64)
    is_whole = ranks.shape == (len(keys),) and ndcg.shape == (len(keys), len(RANKS))
    if not keys or not is_whole or ranks.min() < 1 or not ((ndcg >= 0) & (ndcg <= 1)).all():
        raise ValueError("its ranks and queries do not belong together")
    return Direction(keys, ranks, ndcg)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
