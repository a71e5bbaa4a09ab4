"""Programs in environments of their own, because they want other versions than we have."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

AWS_CLI = "awscli==1.46.2"
CHECKOV = "checkov==3.3.30"
KEDA_MODELS = "cloudcoil-models-keda==2.16.1.0"
"""The fields of KEDA's own kinds."""

WHERE = ["python", "-c", "import sys; print(sys.prefix)"]
COMPILED = ["env", "-u", "PYTHONDONTWRITEBYTECODE"]
"""Where Python may not keep what it has compiled, each start of these takes seconds more."""


@cache
def tool(package: str, program: str) -> list[str]:
    """The words that start a program of a package, which uv installs; skips where it cannot."""
    uv = [sys.executable, "-m", "uv", "tool", "run", "--from", package]
    result = subprocess.run([*uv, *WHERE], capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip(f"{package} is not to be had: {result.stderr[-300:]}")
    return [*COMPILED, str(Path(result.stdout.strip(), "bin", program))]
