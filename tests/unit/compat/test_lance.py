"""What LanceDB says on standard error while photoseek uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_INDEXES = """
import os, sys
import numpy as np
import pyarrow as pa
from photoseek.compat.lance import lancedb
from lancedb.index import IvfSq

assert os.environ.get("LANCEDB_LOG") == (sys.argv[2] or None)  # as whoever started it set it
rows = np.repeat(np.eye(4, dtype=np.float32)[:2], 600, axis=0)
vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), 4)
table = lancedb.connect(sys.argv[1]).create_table("t", pa.table({"vector": vectors}))
table.create_index("vector", config=IvfSq(num_partitions=8))
"""


def said(folder: Path, log: str) -> str:
    """What a process says that makes an index of which some partitions stay empty."""
    environment = {name: value for name, value in os.environ.items() if name != "LANCEDB_LOG"}
    result = subprocess.run(
        [sys.executable, "-c", _INDEXES, str(folder), log],
        cwd=__file__.partition("/tests/")[0],
        env=environment | ({"LANCEDB_LOG": log} if log else {}),
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout + result.stderr


def test_it_warns_of_nothing_unless_somebody_asks_for_that(tmp_path: Path) -> None:
    assert said(tmp_path / "a", "") == ""
    assert "is empty, skipping" in said(tmp_path / "b", "warn")
