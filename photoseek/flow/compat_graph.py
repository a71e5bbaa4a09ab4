"""What Jina 3.34 does with its graph of executors, in the gateway.

It copies it whole for each request, since a request notes its way in it: loggers, endpoints and
the schemas of documents are copied along, which took a sixth of the gateway's time for a search.

When it starts it refuses executors where what one gives has not just the fields that the next one
takes. So a gateway that started in the middle of an upgrade, when encoder and indexer are of two
versions, did not serve until both were of one. Documents may differ in fields: one that is not
known is left out when a document is read, and one that is missing has a value of its own.
"""

from __future__ import annotations

import copy
from typing import Any

from photoseek.errors import ServiceError


def mend_copies() -> None:
    """Let a copy of a node share what no request changes."""
    from jina.serve.runtimes.gateway.graph.topology_graph import TopologyGraph

    TopologyGraph._ReqReplyNode.__deepcopy__ = _own_copy


def _own_copy(node: Any, memo: dict[int, Any]) -> Any:
    """A node as one request needs it, and those behind it: only what is sent is its own."""
    copied = object.__new__(type(node))
    memo[id(node)] = copied
    copied.__dict__.update(node.__dict__)
    copied.parts_to_send = list(node.parts_to_send)
    copied.outgoing_nodes = copy.deepcopy(node.outgoing_nodes, memo)
    return copied


def mend_validation() -> None:
    """Let executors of two versions follow one another, where their documents allow it."""
    from jina.serve.runtimes.gateway.graph.topology_graph import TopologyGraph

    TopologyGraph._ReqReplyNode._validate_against_outgoing_nodes = _check_next


def _check_next(node: Any) -> None:
    """Look at what a node gives, and what those behind it take.

    Raises:
        ServiceError: one of them cannot read it.
    """
    for following in node.outgoing_nodes:
        takes = following._pydantic_models_by_endpoint
        if takes is None:  # the end, where the gateway itself reads
            continue
        for endpoint, models in node._pydantic_models_by_endpoint.items():
            if endpoint not in takes:
                continue
            given = models["output"].model_json_schema()
            wanted = takes[endpoint]["input"].model_json_schema()
            if found := unreadable(given, wanted):
                raise ServiceError(
                    f"The {node.name} and the {following.name} are of versions that do not "
                    f"understand one another ({endpoint}: {', '.join(found)}). Run both in the "
                    "version of the gateway."
                )


def unreadable(given: Any, wanted: Any) -> list[str]:
    """The fields of a document, by the schemas of who gives and who takes it, for which it cannot
    be read: those that are missing and needed, and those of another type.
    """
    has, takes = given.get("properties", {}), wanted.get("properties", {})
    missing = set(wanted.get("required", ())) - has.keys()
    shared = has.keys() & takes.keys()
    return sorted(missing | {name for name in shared if not _same_type(has[name], takes[name])})


def _same_type(one: Any, other: Any) -> bool:
    return bool(one.get("type") == other.get("type"))
