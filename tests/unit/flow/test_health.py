"""What containers are asked for their health, against servers of each kind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from photoseek.flow.probe import HOSTS, PARTS, PORTS, why_not_ready
from photoseek.helpers.ports import free_ports
from photoseek.settings import PREFIX, Settings
from tests.support.terminal import ROOT
from tests.support.web_server import running_server

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def servicer(monkeypatch: pytest.MonkeyPatch) -> Iterator[health.HealthServicer]:
    """The health of a gRPC server that stands where the settings say that the encoder is."""
    server = grpc.server(ThreadPoolExecutor(1))
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    monkeypatch.setenv("PHOTOSEEK_ENCODER", f"encoder:{port}")
    server.start()
    yield servicer
    server.stop(None).wait()


@pytest.mark.parametrize("host", ["", "0.0.0.0", "127.0.0.1"])
def test_a_part_is_ready_when_it_serves(
    host: str, servicer: health.HealthServicer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOSEEK_PARTS_HOST", host)
    servicer.set("", SERVING)
    assert why_not_ready("encoder") == ""
    servicer.set("", NOT_SERVING)
    assert why_not_ready("encoder").endswith("does not serve")


@pytest.mark.parametrize(("status", "reason"), [(200, ""), (503, "says 503"), (404, "says 404")])
def test_a_gateway_is_ready_when_it_says_so(
    status: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server({"/readyz": lambda handler: handler.answer(status, b"")}) as server:
        monkeypatch.setenv("PHOTOSEEK_HTTP_PORT", server.url.rpartition(":")[2])
        assert why_not_ready("gateway").endswith(reason)
        assert bool(why_not_ready("gateway")) == bool(reason)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_not_there_is_not_ready(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [port] = free_ports(1)
    name, default = PORTS[part]
    monkeypatch.setenv(name, f"{default.rpartition(':')[0]}:{port}".lstrip(":"))
    result = run("-m", "photoseek.flow.probe", part)
    assert result.returncode == 1
    assert result.stderr.startswith(f"The {part} is not ready: 127.0.0.1:{port} says ")
    assert result.stderr.count("\n") == 1


def test_a_part_that_there_is_not_is_an_error() -> None:
    result = run("-m", "photoseek.flow.probe", "everything")
    assert result.returncode == 2
    assert result.stderr == "usage: python -m photoseek.flow.probe gateway|encoder|indexer\n"


def test_where_it_asks_is_where_the_settings_say() -> None:
    for name, default in (*HOSTS.values(), *PORTS.values()):
        setting = Settings.model_fields[name.removeprefix(PREFIX).lower()]
        assert str(setting.default) == default


def test_it_loads_no_more_than_it_needs() -> None:
    """It runs every few seconds in each container; the settings alone cost ten times as much."""
    heavy = "{'pydantic', 'grpc', 'numpy', 'jina', 'torch'}"
    result = run("-c", f"import sys, photoseek.flow.probe; print(*{heavy} & {{*sys.modules}})")
    assert result.stdout == "\n"
