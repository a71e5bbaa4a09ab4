"""How a Flow starts, stops, and behaves when a part of it is gone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

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
from tests.support.waiting import wait_until


def processes(flow: FlowProcess) -> list[psutil.Process]:
    parent = psutil.Process(flow.pid)
    return [parent, *parent.children(recursive=True)]


@pytest.fixture
def own_flow(tmp_path: Path) -> Iterator[FlowProcess]:
    settings = load_settings(
        index=str(tmp_path / "index"),
        model="demo",
        allow_private_addresses=True,
        max_request_megabytes=1,
    )
    with FlowProcess(settings, private=True) as flow:
        yield flow


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
    ports = _executor_ports(flow) | {flow.settings.grpc_port}
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
            grpc.channel_ready_future(channel).result(10)
            channel.subscribe(watch)
        # a server that minds hangs up at the third ping
        assert not lost.wait(6), "a server hung up"


def test_status_tells_what_is_served(client: Client, flow: FlowProcess) -> None:
    status = client.status()
    assert status.model == "demo"
    assert status.location == flow.settings.index
    assert status.photos == 60
    assert status.device == "cpu"


def test_a_stop_finishes_the_requests_in_flight(
    own_flow: FlowProcess, held_back: HeldBackPhoto
) -> None:
    with Client(own_flow.url) as client, ThreadPoolExecutor(1) as pool:
        request = pool.submit(client.index_batch, [Photo(id="slow", uri=held_back.url)], [""])
        assert held_back.asked.wait(30)
        os.kill(own_flow.pid, signal.SIGTERM)
        time.sleep(0.5)  # the stop is under way while the request still waits for its photo
        held_back.allowed.set()
        [outcome] = request.result(60)
    assert outcome.outcome == "indexed", outcome
    wait_until(lambda: not own_flow.running, "the Flow to end")


def test_ctrl_c_of_a_server_finishes_the_requests_of_others(
    tmp_path: Path, held_back: HeldBackPhoto
) -> None:
    http_port, grpc_port = free_ports(2)
    settings = load_settings(
        index=str(tmp_path / "index"),
        model="demo",
        http_port=http_port,
        grpc_port=grpc_port,
        allow_private_addresses=True,
    )

    def serve(pool: ThreadPoolExecutor) -> NoReturn:
        with FlowProcess(settings, private=False) as flow:
            requests.append(pool.submit(_index_one, flow.url, held_back.url))
            assert held_back.asked.wait(30)
            threading.Timer(2 * LEAVE_SECONDS, held_back.allowed.set).start()
            raise KeyboardInterrupt

    requests: list[Future[Outcome]] = []
    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyboardInterrupt):
        serve(pool)
    outcome = requests[0].result(60)
    assert outcome.outcome == "indexed", outcome


def _index_one(gateway: str, uri: str) -> Outcome:
    with Client(gateway) as client:
        [outcome] = client.index_batch([Photo(id="slow", uri=uri)], [""])
    return outcome


def test_a_body_over_the_limit_is_refused(own_flow: FlowProcess) -> None:
    big = b"x" * 1_000_001
    declared = httpx.post(f"{own_flow.url}/search", content=big)
    chunked = httpx.post(f"{own_flow.url}/search", content=iter([big[:600_000]] * 4))
    for answer in (declared, chunked):
        assert answer.status_code == 413
        assert "larger than 1 MB" in answer.json()["detail"]


@pytest.mark.parametrize("pick", [max, min], ids=["encoder", "indexer"])
def test_an_executor_that_dies_is_told(own_flow: FlowProcess, pick: Any) -> None:
    """The encoder is the one with a model in its memory."""
    with Client(own_flow.url) as client:
        assert client.ready()
        executors = [_listeners(own_flow)[port] for port in _executor_ports(own_flow)]
        pick(executors, key=lambda process: process.memory_info().rss).kill()
        wait_until(lambda: not client.ready(), "/readyz to notice")
        answer = httpx.get(f"{own_flow.url}/readyz")
        assert answer.status_code == 503
        assert "part of the service is down" in answer.json()["detail"]
        assert httpx.get(f"{own_flow.url}/healthz").status_code == 200
        assert "\nphotoseek_ready 0.0\n" in httpx.get(f"{own_flow.url}/metrics").text
        with pytest.raises(ServiceError, match="part of the service is down"):
            client.search("car")


def _listeners(flow: FlowProcess) -> dict[int, psutil.Process]:
    """The processes of the Flow by the ports that they listen on."""
    return {
        connection.laddr.port: process
        for process in processes(flow)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


def _executor_ports(flow: FlowProcess) -> set[int]:
    return set(_listeners(flow)) - {flow.settings.http_port, flow.settings.grpc_port}


def test_a_flow_dies_with_the_one_who_started_it(tmp_path: Path) -> None:
    environment = os.environ | {
        "PHOTOSEEK_INDEX": str(tmp_path / "index"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, env=environment)
    with owner:
        assert owner.stdout is not None
        leader = psutil.Process(int(owner.stdout.readline()))
        family = [leader, *leader.children(recursive=True)]
        assert len(family) >= 4, "the Flow, its gateway and two executors"
        owner.kill()
    wait_until(lambda: not any(map(_alive, family)), "every process of the Flow to end")


OWNER = """
import signal
from photoseek.flow.process import FlowProcess
from photoseek.settings import load_settings

with FlowProcess(load_settings(model="demo"), private=True) as flow:
    print(flow.pid, flush=True)
    signal.pause()
"""


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_stop_leaves_no_process_behind(tmp_path: Path) -> None:
    settings = load_settings(index=str(tmp_path / "index"), model="demo")
    with FlowProcess(settings, private=True) as flow:
        family = processes(flow)
        assert len(family) >= 4, "the Flow, its gateway and two executors"
    assert not any(map(_alive, family))


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


def test_the_gateway_refuses_local_paths_when_others_can_reach_it(
    tmp_path: Path, drawings: Path
) -> None:
    settings = load_settings(index=str(tmp_path / "index"), model="demo", photo_roots=[])
    picture = next(drawings.parent.rglob("*.jpg"))
    with FlowProcess(settings, private=True) as flow, Client(flow.url) as client:
        [outcome] = client.index_batch([Photo(id="a", uri=str(picture))], [""])
    assert outcome.outcome == "skipped"
    assert "PHOTOSEEK_PHOTO_ROOTS" in outcome.error
    assert not load_settings(host="0.0.0.0").loopback
    others = load_settings(host="0.0.0.0", uploads="kept")
    assert others.readable_roots == ("kept",), "what is handed in, and nothing else"
