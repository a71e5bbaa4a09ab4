"""Requests that are made up from what an API says of itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.waiting import PATIENCE

UNICODE = Path(__file__).parents[2] / ".hypothesis"
"""What Hypothesis finds out about Unicode, which takes it seconds, is kept there."""


def send(url: str, paths: str, folder: Path) -> None:
    """Send right and wrong ones to the paths that match, from a process in an empty folder: all
    that lie at the border of what is taken, and some by chance, the same ones each time.

    Fails when an answer is an error of the server.
    """
    options = ["--checks", "not_a_server_error", "--max-examples", "5", "--no-color"]
    options += ["--request-timeout", str(PATIENCE)]  # else ten seconds
    result = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"),
            *("--include-path-regex", paths, "--phases", "examples,coverage,fuzzing"),
            *("--generation-deterministic", *options),
        ],
        env=os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(UNICODE)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert result.returncode == 0, result.stdout[-4000:]
    assert re.search(r"Tested: [12]?\d", result.stdout), result.stdout[-4000:]
