"""What OpenMP goes by once PyTorch is loaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from photoseek.compat.torch_libraries import SPINS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there we load its libraries")


@pytest.mark.parametrize(
    ("said", "spins"),
    [
        ({}, SPINS),
        ({"GOMP_SPINCOUNT": "5"}, 5),
        ({"OMP_WAIT_POLICY": "passive"}, 0),
    ],
    ids=str,
)
def test_helpers_sleep_soon_unless_the_environment_says_when(
    said: dict[str, str], spins: int
) -> None:
    own = {k: v for k, v in os.environ.items() if k not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    run = subprocess.run(
        [sys.executable, "-c", "import photoseek.model"],
        env=own | said | {"OMP_DISPLAY_ENV": "verbose"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.findall(r"GOMP_SPINCOUNT = '(\d+)'", run.stderr) == [str(spins)]
