"""How a Flow starts, stops, and behaves when a part of it is gone.

Each start takes long: tests that end a Flow come after those that leave it whole.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import psutil
import pytest

from photoseek.client import Client
from photoseek.errors import ServiceError
from photoseek.flow.process import LEAVE_SECONDS, FlowProcess
from photoseek.helpers.ports import free_ports
from photoseek.records import Outcome, Photo
from photoseek.settings import load_settings
from tests.support.servers import HeldBackPhoto
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.xdist_group("flow")  # one worker, so that one Flow is enough


KEY = "correct-horse-battery"


def family_of(leader: psutil.Process) -> list[psutil.Process]:
    return [leader, *leader.children(recursive=True)]


def processes(flow: FlowProcess) -> list[psutil.Process]:
    return family_of(psutil.Process(flow.pid))


@dataclass(frozen=True)
class Server:
    """A Flow that others use, as `-t serve` starts it; it ends with `block`."""

    flow: FlowProcess
    block: ExitStack


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    http_port, grpc_port = free_ports(2)
    settings = load_settings(
        index=str(tmp_path_factory.mktemp("server") / "index"),
        model="demo",
        http_port=http_port,
        grpc_port=grpc_port,
        allow_private_addresses=True,
        fetch_seconds=PATIENCE,
        api_key=KEY,
        max_request_megabytes=1,
        photo_roots=[],
    )
    with ExitStack() as block:
        yield Server(block.enter_context(FlowProcess(settings, private=False)), block)


def test_every_port_is_on_loopback(flow: FlowProcess) -> None:
    addresses = {
        connection.laddr.ip
        for process in processes(flow)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {address.removeprefix("::ffff:") for address in addresses} == {"127.0.0.1"}


def test_connections_at_rest_are_kept(flow: FlowProcess) -> None:
    """Jina pings them every 10 s; a server that minds hangs up, and the next request fails."""
    often = [("grpc.keepalive_time_ms", 1_000), ("grpc.keepalive_permit_without_calls", 1)]
    ports = set(_listeners(psutil.Process(flow.pid))) - {flow.settings.http_port}
    assert len(ports) == 3
    lost = threading.Event()

    def watch(state: grpc.ChannelConnectivity) -> None:
        if state is not grpc.ChannelConnectivity.READY:
            lost.set()

    with ExitStack() as stack:
        for port in ports:
            options = [*often, ("grpc.http2.max_pings_without_data", 0)]
            channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
            stack.enter_context(channel)
            grpc.channel_ready_future(channel).result(PATIENCE)
            channel.subscribe(watch)
        # a server that minds hangs up at the third ping
        assert not lost.wait(6), "a server hung up"


def test_status_tells_what_is_served(client: Client, flow: FlowProcess) -> None:
    status = client.status()
    assert status.model == "demo"
    assert status.location == flow.settings.index
    assert status.photos == 60
    assert status.device == "cpu"


def test_a_body_over_the_limit_is_refused(server: Server) -> None:
    big = b"x" * 1_000_001
    declared = httpx.post(f"{server.flow.url}/search", content=big)
    chunked = httpx.post(f"{server.flow.url}/search", content=iter([big[:600_000]] * 4))
    for answer in (declared, chunked):
        assert answer.status_code == 413
        assert "larger than 1 MB" in answer.json()["detail"]


def test_only_the_one_who_was_given_the_key_shows_it(server: Server) -> None:
    """As in test_gateway_access.py, where the Flow found it in its environment."""
    family = processes(server.flow)
    assert len(family) >= 4
    assert not [process for process in family if KEY in str(process.environ())]


def test_the_gateway_refuses_local_paths_when_others_can_reach_it(
    server: Server, drawings: Path
) -> None:
    picture = next(drawings.parent.rglob("*.jpg"))
    outcome = _index_one(server.flow.url, str(picture))
    assert outcome.outcome == "skipped"
    assert "PHOTOSEEK_PHOTO_ROOTS" in outcome.error
    assert not load_settings(host="0.0.0.0").loopback
    others = load_settings(host="0.0.0.0", uploads="kept")
    assert others.readable_roots == ("kept",), "what is handed in, and nothing else"


def test_ctrl_c_of_a_server_finishes_the_requests_of_others_and_leaves_no_process(
    server: Server, held_back: HeldBackPhoto
) -> None:
    """The last test with this server."""
    family = processes(server.flow)
    assert len(family) >= 4, "the Flow, its gateway and two executors"
    with ThreadPoolExecutor(1) as pool:
        request = pool.submit(_index_one, server.flow.url, held_back.url)
        assert held_back.asked.wait(PATIENCE)
        threading.Timer(2 * LEAVE_SECONDS, held_back.allowed.set).start()
        with pytest.raises(KeyboardInterrupt), server.block:
            raise KeyboardInterrupt
    outcome = request.result(PATIENCE)
    assert outcome.outcome == "indexed", outcome
    assert not any(map(_alive, family))


def _index_one(gateway: str, uri: str) -> Outcome:
    with Client(gateway, api_key=KEY) as client:
        [outcome] = client.index_batch([Photo(id="slow", uri=uri)], [""])
    return outcome


@dataclass(frozen=True)
class Owned:
    """A Flow that another process has started."""

    owner: subprocess.Popen[bytes]
    leader: psutil.Process
    url: str
    outer_ports: frozenset[int]
    taken_port: int
    log: Path


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owned]:
    environment = os.environ | {
        "PHOTOSEEK_INDEX": str(tmp_path_factory.mktemp("owned") / "index"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, env=environment
    ) as owner:
        try:
            assert owner.stdout is not None
            *numbers, log = owner.stdout.readline().decode().split()
            pid, http, grpc, taken = map(int, numbers)
            url = f"http://127.0.0.1:{http}"
            ports = frozenset({http, grpc})
            yield Owned(owner, psutil.Process(pid), url, ports, taken, Path(log))
        finally:
            owner.kill()


OWNER = """
import signal, socket
from photoseek.flow.process import FlowProcess
from photoseek.settings import load_settings

flow = FlowProcess(load_settings(model="demo"), private=True)
port = flow.settings.http_port
with socket.create_server(("127.0.0.1", port)), flow:
    ports = flow.settings.http_port, flow.settings.grpc_port, port
    print(flow.pid, *ports, flow._log, flush=True)
    signal.pause()
"""


def test_a_private_flow_looks_for_other_ports_when_its_own_are_taken(owned: Owned) -> None:
    assert owned.taken_port not in owned.outer_ports
    assert httpx.get(f"{owned.url}/readyz").status_code == 200


def test_an_executor_that_dies_is_told(owned: Owned) -> None:
    """The encoder, which is the one with a model in its memory."""
    listeners = _listeners(owned.leader)
    executors = [listeners[port] for port in set(listeners) - owned.outer_ports]
    with Client(owned.url) as client:
        assert client.ready()
        max(executors, key=lambda process: process.memory_info().rss).kill()
        wait_until(lambda: not client.ready(), "/readyz to notice")
        answer = httpx.get(f"{owned.url}/readyz")
        assert answer.status_code == 503
        assert "part of the service is down" in answer.json()["detail"]
        assert httpx.get(f"{owned.url}/healthz").status_code == 200
        assert "\nphotoseek_ready 0.0\n" in httpx.get(f"{owned.url}/metrics").text
        with pytest.raises(ServiceError, match="part of the service is down"):
            client.search("car")
    # Whoever starts a Flow asks it again and again until its parts have loaded.
    assert "Error while getting responses" not in owned.log.read_text("utf-8")


def test_a_flow_dies_with_the_one_who_started_it(owned: Owned) -> None:
    """Even with an executor that is dead already."""
    family = [process for process in family_of(owned.leader) if _alive(process)]
    assert len(family) >= 3, "the Flow, its gateway and an executor"
    owned.owner.kill()
    wait_until(lambda: not any(map(_alive, family)), "every process of the Flow to end")


def _listeners(leader: psutil.Process) -> dict[int, psutil.Process]:
    """The processes of a Flow by the ports that they listen on."""
    return {
        connection.laddr.port: process
        for process in family_of(leader)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = load_settings(index=str(tmp_path / "index"), model="demo", http_port=port)
        with (
            pytest.raises(ServiceError, match=f"Port {port} on 127.0.0.1 cannot be used"),
            FlowProcess(settings, private=False),
        ):
            pass


def test_a_model_that_cannot_be_loaded_is_told_in_its_own_words(tmp_path: Path) -> None:
    settings = load_settings(index=str(tmp_path / "index"), model="ViT-B-33")
    with (
        pytest.raises(ServiceError, match="No model is called 'ViT-B-33'. Did you mean"),
        FlowProcess(settings, private=True),
    ):
        pass
