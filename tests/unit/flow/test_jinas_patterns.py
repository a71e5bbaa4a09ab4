"""Jina, with what `photoseek/flow/compat.py` puts in the place of regular expressions."""

from __future__ import annotations

import inspect
import re

import pytest

from photoseek.flow import compat

compat.apply()

import jina.serve.runtimes.gateway.graph.topology_graph as topology_graph  # noqa: E402


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        ("encoder", True),
        ("encode", False),
        ("encoder2", False),
        (".*", False),
        ("(", False),
        (".*" * 300 + "X", False),
    ],
)
def test_the_name_of_an_executor_is_no_pattern(wanted: str, matches: bool) -> None:
    assert topology_graph.re.match(wanted, "encoder") is matches


def test_jina_uses_nothing_else_of_regular_expressions_there() -> None:
    source = inspect.getsource(topology_graph)
    assert re.findall(r"\bre\.(\w+)", source) == ["match"]
