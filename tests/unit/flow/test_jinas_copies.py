"""Jina's graph of executors, with what `photoseek/flow/compat_graph.py` has its copies share."""

from __future__ import annotations

import copy
from typing import Any

from photoseek.flow import compat

compat.apply()

from jina.serve.runtimes.gateway.graph.topology_graph import TopologyGraph  # noqa: E402

FLOW = {
    "start-gateway": ["encoder"],
    "encoder": ["indexer"],
    "indexer": ["end-gateway"],
}


class _Uncopied:
    """What stands for the schemas of an executor."""

    def __deepcopy__(self, _: Any) -> Any:
        raise AssertionError("it was copied")


def test_a_request_notes_its_way_in_nodes_of_its_own() -> None:
    graph = TopologyGraph(FLOW)
    one, other = copy.deepcopy(graph), copy.deepcopy(graph)

    for node in one.all_nodes:
        node.parts_to_send.append("a part")
        node.start_time = "now"

    assert [node.name for node in one.all_nodes] == [node.name for node in graph.all_nodes]
    for node in (*graph.all_nodes, *other.all_nodes):
        assert (node.parts_to_send, node.start_time) == ([], None)


def test_a_node_that_two_lead_to_stays_one() -> None:
    both = FLOW | {"start-gateway": ["encoder", "reader"], "reader": ["indexer"]}
    copied = copy.deepcopy(TopologyGraph(both))

    behind = {id(node) for origin in copied.origin_nodes for node in origin.outgoing_nodes}

    assert len(copied.origin_nodes) == 2
    assert len(behind) == 1


def test_what_no_request_changes_is_not_copied() -> None:
    graph = TopologyGraph(FLOW)
    for node in graph.all_nodes:
        node.endpoints = _Uncopied()

    copied = copy.deepcopy(graph)

    for mine, its in zip(graph.all_nodes, copied.all_nodes, strict=True):
        assert its.endpoints is mine.endpoints
