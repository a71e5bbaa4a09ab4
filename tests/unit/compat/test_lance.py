"""What LanceDB says on standard error while photoseek uses it, and where Arrow has memory from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa

_INDEXES = """
import os, sys
import numpy as np
from photoseek.compat.lance import lancedb
import pyarrow as pa
from lancedb.index import IvfSq

assert pa.default_memory_pool().backend_name == sys.argv[3]
assert os.environ.get("LANCEDB_LOG") == (sys.argv[2] or None)  # as whoever started it set it
rows = np.repeat(np.eye(4, dtype=np.float32)[:2], 600, axis=0)
vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), 4)
table = lancedb.connect(sys.argv[1]).create_table("t", pa.table({"vector": vectors}))
table.create_index("vector", config=IvfSq(num_partitions=8))
"""


_POOL = "ARROW_DEFAULT_MEMORY_POOL"


def said(folder: Path, pool: str, **given: str) -> str:
    """What a process says that makes an index of which some partitions stay empty.

    It ends with an error where Arrow has its memory from another `pool`.
    """
    kept = {name: value for name, value in os.environ.items() if name not in ("LANCEDB_LOG", _POOL)}
    result = subprocess.run(
        [sys.executable, "-c", _INDEXES, str(folder), given.get("LANCEDB_LOG", ""), pool],
        cwd=__file__.partition("/tests/")[0],
        env=kept | given,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout + result.stderr


def test_it_warns_of_nothing_and_shares_an_allocator_unless_somebody_says_so(
    tmp_path: Path,
) -> None:
    shared = "system" if sys.platform == "linux" else pa.default_memory_pool().backend_name
    assert said(tmp_path / "a", shared) == ""
    [other, *_] = set(pa.supported_memory_backends()) - {"system"}
    told = said(tmp_path / "b", other, LANCEDB_LOG="warn", ARROW_DEFAULT_MEMORY_POOL=other)
    assert "is empty, skipping" in told
