"""What `-t index --watch` begins with: its source, which may be empty at first."""

from __future__ import annotations

import io
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from photoseek.cli.watch import first_source
from photoseek.errors import SourceError
from photoseek.settings import load_settings
from tests.support.waiting import PATIENCE, wait_until


def test_an_empty_source_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a new bucket is until its first photo comes."""
    settings = load_settings(source=str(tmp_path))
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(first_source, settings, 0.01)
        try:
            wait_until(lambda: "Trying again" in said.getvalue() or waiting.done(), "a sentence")
            told = said.getvalue()
        finally:
            Image.new("RGB", (8, 8)).save(tmp_path / "first.png")
        assert waiting.result(timeout=PATIENCE).count() == 1
    assert "holds no photos" in told
    assert "Trying again every 0.01 s." in said.getvalue()
    assert said.getvalue().count("Trying again") == 1  # once is enough


def test_a_source_that_there_is_not_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no folder"):
        first_source(load_settings(source=str(tmp_path / "gone")), 0.01)
