"""Pods as processes of this machine: commands, variables and probes as their manifests say.

Two loopback addresses stand for the nodes. `localhost`, which gRPC resolves to 127.0.0.1 and ::1,
stands for the name of a headless Service with two pods; from ::1 the way leads on to 127.0.0.2.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import httpx
import psutil
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.support.deploy.manifests import Cluster, Manifest, container_of, number
from tests.support.waiting import wait_until

APP = Path(__file__).parents[3] / "app.py"
NODES = ("127.0.0.1", "127.0.0.2")


@dataclass
class Pod:
    """One container. `ports` says where those of the manifest are on this machine."""

    cluster: Cluster
    name: str
    node: str
    environment: Mapping[str, str]
    ports: Mapping[int, int]
    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Begin to run; `wait_until_started` waits for the probe."""
        command = [sys.executable, str(APP), "-t", *self._container()["args"]]
        with (self.folder / f"{self.name}-{self.node}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **self.environment},
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    def wait_until_started(self) -> None:
        wait_until(lambda: self.probe("startupProbe"), f"{self.name} to start")

    def wait_until_connected(self) -> None:
        """What preStop of the pod that goes away gives a new one time for."""
        process = psutil.Process(self._running().pid)
        ports = set(self.ports.values())

        def connected() -> bool:
            return any(
                connection.status == psutil.CONN_ESTABLISHED and connection.laddr.port in ports
                for connection in process.net_connections("tcp")
            )

        wait_until(connected, f"somebody to connect to {self.name}")

    def stop(self) -> None:
        """As a cluster stops a pod: SIGTERM, and SIGKILL when its grace is over."""
        process = self._running()
        process.terminate()
        try:
            grace = self.cluster.pods()[self.name]["spec"]["terminationGracePeriodSeconds"]
            assert process.wait(grace) == 0, self.words()
        finally:
            self.kill()

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def words(self) -> str:
        """The end of what all pods said."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"{log.name}:\n{log.read_text('utf-8')[-3000:]}" for log in logs)

    def probe(self, kind: str) -> bool:
        """Whether a probe of the manifest succeeds."""
        assert self._running().poll() is None, f"{self.name} has ended\n{self.words()}"
        probe = self._container()[kind]
        seconds = probe["timeoutSeconds"]
        if "grpc" in probe:
            return _serves(f"{self.node}:{self.ports[probe['grpc']['port']]}", seconds)
        port = number(probe["httpGet"]["port"], self.cluster.pods()[self.name])
        url = f"http://{self.node}:{self.ports[port]}{probe['httpGet']['path']}"
        try:
            return httpx.get(url, timeout=seconds).is_success
        except httpx.TransportError:
            return False

    def _container(self) -> Manifest:
        return container_of(self.cluster.pods()[self.name])

    def _running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None
        return self.process


def _serves(address: str, seconds: float) -> bool:
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=seconds)
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


class WayToSecondNode:
    """Context manager: what connects to ::1 at `port` is connected to the second node's."""

    def __init__(self, port: int) -> None:
        self._target = (NODES[1], port)
        self._server = socket.create_server(("::1", port), family=socket.AF_INET6)
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> None:
        self._threads[0].start()

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                thread = threading.Thread(target=_connect, args=(near, self._target))
                self._threads.append(thread)
                thread.start()


def _connect(near: socket.socket, target: tuple[str, int]) -> None:
    with near, suppress(OSError), socket.create_connection(target) as far:
        back = threading.Thread(target=_pass_on, args=(far, near))
        back.start()
        _pass_on(near, far)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
