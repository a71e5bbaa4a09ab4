"""What kill -9 leaves behind."""

from __future__ import annotations

from pathlib import Path

from tests.support.crash import kill_and_recover


def test_killed_runs_lose_and_double_nothing(tmp_path: Path) -> None:
    kill_and_recover(tmp_path, photos=150, times=3, seed=1)
