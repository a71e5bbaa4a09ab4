"""The Flow on the newest Python, where Jina and DocArray need the most help."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.environments import NEWEST, UV, run
from tests.support.terminal import ROOT

# After test_package.py, and in its worker: this adds what those tests do without.
pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("package")]

TESTS = ("tests/flow/test_search.py", "tests/unit/flow/test_conversion.py")


def test_the_flow_works_on_the_newest_python(
    wheel_environment: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOTOOLCHAIN", "none")  # or Jina compiles what we do not use, as in Makefile
    python = wheel_environment(NEWEST) / "python"
    pins = [f for name in ("", "-dev") for f in ("-r", ROOT / f"requirements{name}.txt")]
    run([*UV, "pip", "install", "-q", "--python", python, *pins], cwd=ROOT)
    told = run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS], cwd=ROOT)
    assert " passed" in told
    assert " skipped" not in told
