"""ONNX Runtime tells its makers nothing, whoever imports it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

TOWER = """
from pathlib import Path
from photoseek.errors import WeightsError
from photoseek.onnx_towers.sessions import Session
try:
    Session(Path("none.onnx"), 8)
except WeightsError:
    pass
"""
READER = """
import numpy as np
from photoseek.ocr.rapid import RapidTextReader
list(RapidTextReader().lines(np.zeros((64, 64, 3), np.uint8)))
"""


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(TOWER, id="a tower"),
        pytest.param(
            READER,
            id="a reader of text",
            marks=pytest.mark.skipif(
                find_spec("rapidocr") is None, reason="pip install photoseek[ocr] brings it back"
            ),
        ),
    ],
)
def test_it_notes_no_number_for_the_machine(program: str, tmp_path: Path) -> None:
    unset = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    program += "import sys\nassert 'onnxruntime' in sys.modules\n"
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=unset | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert not [path for path in tmp_path.rglob("*") if "icrosoft" in path.name]
