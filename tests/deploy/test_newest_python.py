"""The Flow on the newest Python, where Jina and DocArray need the most help."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.environments import NEWEST, UV, new_environment, run
from tests.support.terminal import ROOT

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("package")]

TESTS = ("tests/flow/test_search.py", "tests/unit/flow/test_conversion.py")


def test_the_flow_works_on_the_newest_python(tmp_path: Path) -> None:
    programs = new_environment(NEWEST, tmp_path / "venv")
    pins = [f for name in ("", "-dev") for f in ("-r", ROOT / f"requirements{name}.txt")]
    run([*UV, "pip", "install", "-q", "--python", programs / "python", *pins], cwd=tmp_path)
    told = run([programs / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS], ROOT)
    assert " passed" in told
    assert " skipped" not in told
