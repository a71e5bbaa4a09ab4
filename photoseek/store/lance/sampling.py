"""Vectors from all over a table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.store.lance.layout import IndexLayout
from photoseek.store.lance.schema import to_matrix
from photoseek.store.validation import spread

_ROW = "_rowid"
_ROWS_TO_A_BATCH = 65_536


def sample(layout: IndexLayout, table: Any, count: int, dimensions: int) -> NDArray[np.float32]:
    """At most `count` vectors, the same every time while nothing is written."""
    if 0 < table.count_rows() <= count:  # one read: to open another table takes ten times as long
        vectors = to_matrix(table.search().select(["vector"]).to_arrow())
        return vectors[spread(len(vectors), count)]  # another thread may have brought more
    # A version that stays as it is, or the rows to take might be gone by then.
    fixed = layout.connect().open_table(layout.table)
    fixed.checkout(fixed.version)
    # By id and not by number: in a file of which a row is gone, Lance would look at all rows before
    # each of them.
    rows = fixed.search().select([_ROW]).to_batches(batch_size=_ROWS_TO_A_BATCH).read_all()
    ids = rows[_ROW].to_numpy()
    taken = ids[spread(len(ids), count)]
    if not taken.size:
        return np.empty((0, dimensions), np.float32)
    return to_matrix(fixed.take_row_ids(taken.tolist()).select(["vector"]).to_arrow())
