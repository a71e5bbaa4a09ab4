"""Broken pictures by the thousand: a picture or a reason each, in little memory, and in silence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
COUNT = 3_000


def test_three_thousand_broken_pictures() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.support.mutations", str(COUNT)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    found = json.loads(run.stdout)
    assert found["surprises"] == []
    assert found["peak"] < 2_000_000_000
    assert sum(found["told"].values()) == COUNT
    assert found["told"].keys() == {
        *("read", "DamagedPhotoError", "NotAPhotoError", "OversizedPhotoError")
    }
    assert found["told"]["read"] > COUNT / 10
