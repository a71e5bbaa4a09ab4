"""The gateway's key, limits and numbers over its real ports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import psutil
import pytest

from photoseek.client import Client
from photoseek.helpers.ports import free_ports
from photoseek.indexing.run import index_photos
from photoseek.settings import Settings, load_settings
from photoseek.sources import open_source
from tests.support.terminal import ROOT, photoseek
from tests.support.waiting import PATIENCE, wait_until

KEY = "correct-horse-battery"
NAME = "photos.example.org"
PER_MINUTE = 100


@dataclass(frozen=True)
class Keyed:
    """A Flow that has found its key in the environment."""

    process: subprocess.Popen[bytes]
    settings: Settings

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.http_port}"


@pytest.fixture(scope="module")
def keyed(drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    """A Flow with a key for changes and a limit, over the indexed drawings, for a name that others
    know it by: as whoever deploys it starts it.
    """
    http_port, grpc_port = free_ports(2)
    settings = load_settings(
        index=str(tmp_path_factory.mktemp("keyed") / "index"),
        model="demo",
        allowed_hosts=[NAME],
        api_key=KEY,
        rate_limit=PER_MINUTE,
        http_port=http_port,
        grpc_port=grpc_port,
    )
    variables = settings.to_environment() | {"PHOTOSEEK_API_KEY": KEY, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "photoseek.flow"],
        env=os.environ | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            flow = Keyed(process, settings)
            with Client(flow.url, api_key=KEY) as client:
                wait_until(
                    lambda: process.poll() is not None or client.ready(), "a Flow", every=0.2
                )
                assert process.poll() is None
                index_photos(open_source(str(drawings)), client)
            yield flow
        finally:
            process.terminate()


def test_where_others_reach_it_it_starts_with_its_key(keyed: Keyed) -> None:
    """The key goes another way to the gateway than other settings do."""
    assert httpx.delete(f"{keyed.url}/api/photos/x").status_code == 401
    assert httpx.get(f"{keyed.url}/api/stats", headers={"Host": NAME}).status_code == 200


def test_only_the_one_who_was_given_the_key_shows_it(keyed: Keyed) -> None:
    """Nobody who gets a process of the Flow to read /proc/self/environ learns the key."""
    family = processes(keyed)
    assert len(family) >= 4
    assert not [process for process in family if KEY in str(process.environ())]


def test_nobody_goes_around_the_gateway(keyed: Keyed) -> None:
    from jina.proto import jina_pb2_grpc
    from jina.types.request.data import DataRequest

    ports = listening(keyed) - {keyed.settings.http_port, keyed.settings.grpc_port}
    assert len(ports) == 2
    for port in ports:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = jina_pb2_grpc.JinaSingleDataRequestRPCStub(channel)
            with pytest.raises(grpc.RpcError) as refusal:
                stub.process_single_data(DataRequest(), timeout=PATIENCE)
            assert refusal.value.code() is grpc.StatusCode.UNAUTHENTICATED


def processes(flow: Keyed) -> list[psutil.Process]:
    parent = psutil.Process(flow.process.pid)
    return [parent, *parent.children(recursive=True)]


def listening(flow: Keyed) -> set[int]:
    connections = (each for process in processes(flow) for each in process.net_connections("tcp"))
    return {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}


@pytest.mark.parametrize("stream", [True, False])
def test_the_key_counts_over_grpc_too(keyed: Keyed, stream: bool) -> None:
    from photoseek.flow import compat

    compat.apply()
    from docarray import DocList
    from jina import Client as JinaClient
    from jina.excepts import BadServerFlow

    from photoseek.flow.documents import CountDoc, IdsDoc, QueryDoc, ResultDoc

    client: Any = JinaClient(host="127.0.0.1", port=keyed.settings.grpc_port)

    def delete(**arguments: Any) -> Any:
        docs = DocList[IdsDoc]([IdsDoc(ids=["no-such-photo"])])
        return client.post(
            "/delete", docs, return_type=DocList[CountDoc], stream=stream, **arguments
        )

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Jina's client closes its session late
        [answer] = client.post(
            "/search",
            DocList[QueryDoc]([QueryDoc(text="car")]),
            return_type=DocList[ResultDoc],
            stream=stream,
        )
        assert answer.hits
        with pytest.raises(BadServerFlow, match="send it as the metadata"):
            delete()
        with pytest.raises(BadServerFlow, match="The key is not the gateway's"):
            delete(metadata=(("x-api-key", "wrong"),))
        assert delete(metadata=(("x-api-key", KEY),))[0].count == 0
        assert client.is_flow_ready()


def test_the_flows_own_endpoints_answer_with_problems(keyed: Keyed) -> None:
    answer = httpx.post(f"{keyed.url}/search", json={"data": [{"text": "car", "top_k": 0}]})
    assert answer.headers["content-type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert error["path"] == "data[0].top_k"
    one = httpx.post(f"{keyed.url}/search", json={"data": {"text": "car", "top_k": 0}})
    assert [error["path"] for error in one.json()["errors"]] == ["data.top_k"]


def test_the_command_line_takes_the_key_from_its_setting(
    keyed: Keyed, drawings: Path, tmp_path: Path
) -> None:
    shutil.copy(next(drawings.parent.rglob("*.jpg")), tmp_path / "new.jpg")
    settings = keyed.settings
    arguments: list[str | Path] = ["-t", "index", "--source", tmp_path, "--index", settings.index]
    port = {"PHOTOSEEK_HTTP_PORT": str(settings.http_port)}
    refused = photoseek(*arguments, environment=port)
    assert refused.returncode != 0
    assert "wants its key. Set PHOTOSEEK_API_KEY" in refused.stdout + refused.stderr
    done = photoseek(*arguments, environment={**port, "PHOTOSEEK_API_KEY": KEY})
    assert done.returncode == 0, done.stderr
    with Client(keyed.url) as client:
        assert client.status().photos == 61
