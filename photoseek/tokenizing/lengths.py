"""How much of a row of tokens a causal tower has to read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def needed_length(tokens: NDArray[np.integer], end_token: int | None) -> int:
    """How many of the columns are read, for tokens of shape (texts, length).

    `end_token` is where a causal tower reads its vector off: what is behind the first of it in each
    text changes nothing. None is for a tower that looks at all of them.
    """
    if end_token is None or not len(tokens):
        return int(tokens.shape[1])
    ends = tokens == end_token
    if not ends.any(axis=1).all():
        return int(tokens.shape[1])
    return int(ends.argmax(axis=1).max()) + 1
