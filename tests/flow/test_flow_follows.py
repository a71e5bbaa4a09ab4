"""A Flow goes on over an index that is made again with another model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.followed import follow_there_and_back

pytestmark = pytest.mark.xdist_group("flow")  # where what Flows are forked from runs already


def test_a_flow_follows_there_and_back_without_a_search_that_fails(tmp_path: Path) -> None:
    follow_there_and_back(["flow"], tmp_path)
