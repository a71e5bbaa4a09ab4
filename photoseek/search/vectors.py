"""Several embeddings into one query vector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photoseek.errors import QueryError
from photoseek.records import Vector

_SHORTEST = 1e-3
"""Of the largest weight: a mix that is shorter points nowhere."""


def mix(vectors: Sequence[Vector], weights: Sequence[float]) -> Vector:
    """The weighted sum of unit vectors, of unit length again, shape (dimensions,).

    Raises:
        QueryError: nothing is left, because the parts cancel each other out.
    """
    mixed = np.asarray(weights, dtype=np.float32) @ np.stack(vectors)
    length = float(np.linalg.norm(mixed))
    if length < _SHORTEST * max(map(abs, weights)):
        raise QueryError("The parts of the query cancel each other out. Change a weight.")
    unit: Vector = (mixed / length).astype(np.float32)
    return unit
