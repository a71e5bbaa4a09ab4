"""Vectors from all over a table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photoseek.store.lance.layout import IndexLayout
from photoseek.store.lance.schema import to_matrix
from photoseek.store.validation import spread


def sample(layout: IndexLayout, count: int, dimensions: int) -> NDArray[np.float32]:
    """At most `count` vectors, the same every time while nothing is written."""
    # A version that stays as it is, or the rows to take might be gone by then.
    table = layout.connect().open_table(layout.table)
    table.checkout(table.version)
    rows = spread(table.count_rows(), count)
    if not rows:
        return np.empty((0, dimensions), np.float32)
    return to_matrix(table.take_offsets(rows).select(["vector"]).to_arrow())
