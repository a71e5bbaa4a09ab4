"""Jina's executors, with what `photoseek/flow/compat.py` puts in the place of `tempfile`."""

from __future__ import annotations

import inspect
import re
import tempfile
from pathlib import Path

import pytest

from photoseek.flow import compat

compat.apply()

from jina.serve.runtimes.worker import request_handling  # noqa: E402


def test_an_executor_leaves_no_folder_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = Path(request_handling.tempfile.mkdtemp())
    assert not list(tmp_path.iterdir())
    with pytest.raises(OSError):  # noqa: PT011 - the system's own words
        (folder / "snapshot").mkdir(parents=True, exist_ok=True)


def test_jina_uses_nothing_else_of_the_module_there() -> None:
    source = inspect.getsource(request_handling)
    assert set(re.findall(r"\btempfile\.(\w+)", source)) == {"mkdtemp"}
    used = set(re.findall(r"\b_snapshot_parent_directory\b.*", source))
    assert len(used) == 2, "it is kept, and used by snapshots alone"
