"""Two gateways go on over an index that is made again with another model."""

from __future__ import annotations

from pathlib import Path

from tests.support.followed import follow_there_and_back


def test_two_gateways_follow_there_and_back_without_a_search_that_fails(tmp_path: Path) -> None:
    follow_there_and_back(["in-process", "in-process"], tmp_path)
