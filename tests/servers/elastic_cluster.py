"""Elasticsearch on three nodes, of which any may be killed and started again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.servers.lane import on_free_ports
from tests.servers.search_engines import ENGINES, engine_folder, home_of, running_node
from tests.support.waiting import PATIENCE

NODES = 3
_ENGINE = ENGINES["elastic"]


@dataclass(frozen=True)
class Node:
    """One of them. Its data stay where they are when it is killed."""

    home: Path
    folder: Path
    http: int
    transport: int
    discovery: str
    _running: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    def start(self) -> None:
        """Return when it is a part of the cluster."""
        ports = (self.http, self.transport)
        self._running.enter_context(
            running_node(_ENGINE, self.home, self.folder, *ports, self.discovery)
        )

    def kill(self) -> None:
        """As `kill -9` does it."""
        self._running.close()


@dataclass(frozen=True)
class Cluster:
    """All of them."""

    nodes: tuple[Node, ...]

    @property
    def address(self) -> str:
        """The beginning of a location, with each of the nodes."""
        return f"elastic+http://{','.join(f'127.0.0.1:{node.http}' for node in self.nodes)}"

    def is_whole(self) -> bool:
        """Whether all nodes are there, with all copies of all shards."""
        wanted = {"wait_for_status": "green", "wait_for_nodes": str(NODES), "timeout": "1s"}
        try:
            answer = httpx.get(f"{self.nodes[0].url}/_cluster/health", params=wanted, timeout=10)
        except httpx.TransportError:
            return False
        return answer.is_success

    def rows(self, index: str) -> list[tuple[str, int]]:
        """Of each copy of each shard: the shard, and how many documents it has."""
        httpx.post(f"{self.nodes[0].url}/{index}/_refresh", timeout=PATIENCE).raise_for_status()
        shards = httpx.get(
            f"{self.nodes[0].url}/_cat/shards/{index}", params={"format": "json"}, timeout=PATIENCE
        )
        return sorted((each["shard"], int(each["docs"])) for each in shards.json())


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Three nodes; without any Elasticsearch, the test is left out."""
    home = home_of(_ENGINE)
    with ExitStack() as stack:

        def started(*ports: int) -> Cluster:
            with ExitStack() as those:  # all of them end when one of their ports was taken
                cluster = _started(home, ports, those)
                stack.push(those.pop_all())
                return cluster

        yield on_free_ports(2 * NODES, started)


def _started(home: Path, ports: Sequence[int], stack: ExitStack) -> Cluster:
    others = ", ".join(f"127.0.0.1:{port}" for port in ports[NODES:])
    discovery = (
        f"discovery.seed_hosts: [{others}]\ncluster.initial_master_nodes: [node-{ports[0]}]\n"
    )
    nodes = []
    for http, transport in zip(ports[:NODES], ports[NODES:], strict=True):
        folder = stack.enter_context(engine_folder())
        node = Node(home, folder, http, transport, discovery)
        stack.callback(node.kill)
        node.start()
        nodes.append(node)
    return Cluster(tuple(nodes))
