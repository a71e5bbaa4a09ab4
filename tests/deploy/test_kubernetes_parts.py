"""The parts run as infra/kubernetes says: two encoders and two indexers on one index in S3.

There is no cluster in it: pods are processes, and what a cluster does with them is done here.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sts.models import sts_backends

from photoseek.client import Client
from photoseek.helpers.ports import free_ports
from tests.support.deploy.manifests import (
    FOLDER,
    NEEDS_KUBECTL,
    Cluster,
    copy_site,
    ports_of,
    render,
)
from tests.support.deploy.pods import NODES, Pod, WayToSecondNode
from tests.support.s3 import FaultyS3, make_bucket, running_proxy
from tests.support.waiting import wait_until

BUCKET = "my-photos"
PHOTOS = 24
DOCS = FOLDER.parents[1] / "docs" / "kubernetes.md"
KEY = "k" * 48
SECRETS = {"api-key": {"PHOTOSEEK_API_KEY": KEY, "PHOTOSEEK_PARTS_SECRET": "s" * 64}}

# test_parts.py and test_balancing.py show the same of single parts.
pytestmark = [*NEEDS_KUBECTL, pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass
class Running:
    """All pods of a site."""

    cluster: Cluster
    s3: FaultyS3
    folder: Path
    ports: dict[int, int]
    pods: dict[str, list[Pod]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[8080]}"

    def pod(self, name: str, node: str) -> Pod:
        """A pod that is not started yet; its Service leads to it by now."""
        environment = self.cluster.environment(name, SECRETS)
        environment |= {
            "PHOTOSEEK_HOST": node,
            "PHOTOSEEK_PARTS_HOST": node,
            "PHOTOSEEK_HTTP_PORT": str(self.ports[8080]),
            "PHOTOSEEK_GRPC_PORT": str(self.ports[8081]),
            "PHOTOSEEK_ENCODER": f"localhost:{self.ports[8082]}",
            "PHOTOSEEK_INDEXER": f"localhost:{self.ports[8083]}",
            "PHOTOSEEK_GATEWAY": self.url,
            "OMP_NUM_THREADS": "1",
            # What EKS adds for the role of the pod's account.
            "AWS_ROLE_ARN": self.cluster.role(name),
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(self.folder / "token"),
            "AWS_ENDPOINT_URL": self.s3.url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return Pod(self.cluster, name, node, environment, self.ports, self.folder)

    def start(self) -> None:
        """The gateway first, so that it has to wait for the others."""
        self.pods = {
            "gateway": [self.pod("gateway", NODES[0])],
            "encoder": [self.pod("encoder", node) for node in NODES],
            "indexer": [self.pod("indexer", node) for node in NODES],
        }
        for pods in self.pods.values():
            for pod in pods:
                pod.start()
        for part in ("encoder", "indexer", "gateway"):
            for pod in self.pods[part]:
                pod.wait_until_started()

    def replace(self, pod: Pod) -> None:
        """What stands for a stopped or killed pod: another one at its address."""
        pod.start()
        pod.wait_until_started()
        pod.wait_until_connected()

    def kill(self) -> None:
        for pods in self.pods.values():
            for pod in pods:
                pod.kill()


@pytest.fixture(scope="module")
def running(
    s3_url: str, drawings: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The parts, and an index that the CronJob's pod made of photos in S3."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "token").write_text("made by the cluster")
    make_bucket(s3_url, BUCKET)
    for photo in sorted(drawings.parent.glob("*.jpg"))[:PHOTOS]:
        url = f"{s3_url}/{BUCKET}/photos/{photo.name}"
        httpx.put(url, content=photo.read_bytes()).raise_for_status()
    # The site's own settings, but for a model without a network and searches without a limit.
    settings = {"PHOTOSEEK_MODEL": "demo", "PHOTOSEEK_RATE_LIMIT": "0"}
    cluster = render(copy_site(folder / "kubernetes", settings=settings))
    moved = [port for pod in cluster.pods().values() for port in ports_of(pod).values()]
    with ExitStack() as stack:
        ports = dict(zip(moved, free_ports(len(moved)), strict=True))
        s3 = stack.enter_context(running_proxy(s3_url))
        for port in (8082, 8083):
            stack.enter_context(WayToSecondNode(ports[port]))
        parts = Running(cluster, s3, folder, ports)
        stack.callback(parts.kill)
        parts.start()
        job = parts.pod("index", NODES[0])
        job.start()
        assert job.process
        assert job.process.wait(240) == 0, job.words()
        yield parts


class Load:
    """Context manager: inside it searches go on, one after another, each for a new text."""

    def __init__(self, url: str) -> None:
        self.answered = 0
        self.failed: list[str] = []
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._search)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def wait_for(self, count: int) -> None:
        """So many more answers with photos."""
        enough = self.answered + count
        wait_until(lambda: self.answered >= enough, f"{count} more answers; {self.failed}")

    def _search(self) -> None:
        with httpx.Client(base_url=self._url, headers={"X-API-Key": KEY}, timeout=60) as client:
            while not self._stop.is_set():
                words = f"a boat {self.answered} {len(self.failed)}"
                try:
                    answer = client.get("/api/search", params={"q": words, "limit": 3})
                    assert len(answer.raise_for_status().json()["hits"]) == 3, answer.text
                except (httpx.HTTPError, AssertionError) as error:
                    self.failed.append(f"{error!r}")
                else:
                    self.answered += 1


def test_the_job_indexes_what_is_in_the_bucket(running: Running) -> None:
    assert httpx.get(f"{running.url}/api/stats", timeout=60).status_code == 401
    with Client(running.url, api_key=KEY) as client:
        assert client.status().photos == PHOTOS
    assert running.pods["gateway"][0].probe("readinessProbe")


@pytest.mark.parametrize("part", ["encoder", "indexer"])
def test_searches_go_on_while_pods_are_replaced(running: Running, part: str) -> None:
    first, second = running.pods[part]
    with Load(running.url) as load:
        load.wait_for(3)
        first.stop()
        load.wait_for(10)
        running.replace(first)
        load.wait_for(3)
        assert not load.failed, first.words()
        second.kill()
        load.wait_for(10)
        assert len(load.failed) <= 1, f"more than was in flight: {load.failed}\n{first.words()}"
        running.replace(second)
        load.wait_for(3)


def test_without_encoders_the_gateway_says_so_and_goes_on(running: Running) -> None:
    [gateway] = running.pods["gateway"]
    for pod in running.pods["encoder"]:
        pod.kill()
    url = f"{running.url}/api/search?q=no+one+has+asked+this"
    refused = httpx.get(url, headers={"X-API-Key": KEY})
    assert refused.status_code == 503
    assert "part of the service is down" in refused.json()["detail"]
    wait_until(lambda: not gateway.probe("startupProbe"), "/readyz to notice")
    assert gateway.probe("readinessProbe"), "the page and thumbnails must stay"
    assert gateway.probe("livenessProbe")
    for pod in running.pods["encoder"]:
        pod.start()
    for pod in running.pods["encoder"]:
        pod.wait_until_started()
    wait_until(lambda: gateway.probe("startupProbe"), "all to be well again")


def test_the_roles_allow_what_is_done(running: Running) -> None:
    """Every request is signed for a role, and the policies of the documentation cover it."""
    roles = {
        role.access_key_id: role.role_arn.rpartition("/")[2]
        for role in sts_backends[DEFAULT_ACCOUNT_ID]["aws"].assumed_roles
    }
    done: dict[str, set[tuple[str, str]]] = {"photoseek": set(), "photoseek-encoder": set()}
    for request in running.s3.seen:
        _, _, credential = request.headers.get("authorization", "").partition("Credential=")
        key = credential.partition("/")[0]
        if key or request.path != "/":  # where credentials are asked for
            done[roles[key]].add((_action(request.method, request.path), _prefix(request.path)))
    blocks = re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    everything, reading = [_allowed(json.loads(block)) for block in blocks]
    assert {("s3:PutObject", "index"), ("s3:ListBucket", "")} <= done["photoseek"] <= everything
    assert {("s3:GetObject", "photos")} <= done["photoseek-encoder"] <= reading
    assert {action for action, _ in reading} == {"s3:GetObject", "s3:ListBucket"}
    assert {action for action, prefix in everything if prefix == "photos"} == {"s3:GetObject"}


def _action(method: str, path: str) -> str:
    if path.count("/") == 1 or path.startswith(f"/{BUCKET}/?"):
        return "s3:DeleteObject" if method == "POST" else "s3:ListBucket"
    actions = {"GET": "s3:GetObject", "HEAD": "s3:GetObject", "DELETE": "s3:DeleteObject"}
    return actions.get(method, "s3:PutObject")


def _prefix(path: str) -> str:
    return path.partition("?")[0].split("/")[2] if path.count("/") > 1 else ""


def _allowed(policy: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (action, resource.partition(f":::{BUCKET}")[2].strip("/*"))
        for statement in policy["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
