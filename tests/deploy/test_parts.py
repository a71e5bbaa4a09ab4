"""The parts as processes of their own, started, checked and restarted as compose.yaml says."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import httpx
import psutil
import pytest

from photoseek.client import Client
from photoseek.records import Photo
from tests.conftest import DRAWINGS
from tests.support.deploy.compose import PARTS, START_SECONDS, Stack, running_stack
from tests.support.deploy.dockerfile import install_packages
from tests.support.deploy.load import CLIENTS, RESTART_SECONDS, load_on
from tests.support.servers import HeldBackPhoto
from tests.support.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("parts")]

KEY = "correct-horse-battery"
OLD_AGE_MS = 1500
BETWEEN_LOOKS = 0.3


@pytest.fixture(scope="module", params=["here", pytest.param("new", marks=pytest.mark.slow)])
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What runs these tests; where there are minutes for it, what the image's own steps install."""
    if request.param == "here":
        return Path(sys.executable)
    return install_packages(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module")
def stack(drawings: Path, python: Path) -> Iterator[Stack]:
    """All parts, the gateway begun first: where that works, any order does."""
    env_file = {
        "PHOTOSEEK_MODEL": "demo",
        "PHOTOSEEK_API_KEY": KEY,
        "PHOTOSEEK_RATE_LIMIT": "0",
        "PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "true",  # the web of these tests is this machine
        "PHOTOSEEK_FETCH_SECONDS": str(PATIENCE),  # the photo that is held back is waited for
        "PHOTOSEEK_IMAGE": "registry.example/photoseek:1",  # compose's own, no setting
    }
    with running_stack(drawings.parent, env_file, python) as stack:
        _let_connections_age_soon(stack)
        stack.begin("gateway")
        wait_until(lambda: _answers(stack, "healthz"), "the gateway", START_SECONDS, every=0.1)
        assert not _answers(stack, "readyz")
        for name in ("encoder", "indexer"):
            stack.begin(name)
        for name in PARTS:
            stack.wait_until_healthy(name)
        job = stack.job("index", "--source", str(stack.folder / "photos" / "photos.csv"))
        assert job.returncode == 0, job.stdout + job.stderr
        assert f"{DRAWINGS} indexed" in job.stdout
        yield stack


def _answers(stack: Stack, path: str) -> bool:
    try:
        return httpx.get(f"{stack.url}/{path}").status_code == 200
    except httpx.HTTPError:
        return False


def _let_connections_age_soon(stack: Stack) -> None:
    flow = stack.folder / "app" / "flows" / "photoseek.yml"
    flow.chmod(0o644)
    text, changed = re.subn(
        r"(max_connection_age_ms:) \d+", rf"\1 {OLD_AGE_MS}", flow.read_text("utf-8")
    )
    assert changed == 1
    flow.write_text(text, "utf-8")
    flow.chmod(0o444)


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with Client(stack.url, api_key=KEY) as client:
        yield client


def wait_until_restarted(stack: Stack, client: Client, name: str, before: int) -> None:
    wait_until(
        lambda: stack.pid(name) not in (0, before) and client.ready(),
        f"{name} to come back",
        RESTART_SECONDS,
        every=BETWEEN_LOOKS,
    )
    assert stack.healthy(name)


def test_a_gateway_that_starts_first_waits_for_the_others(stack: Stack) -> None:
    """Where nothing keeps the order, as after the machine was switched on again."""
    assert [stack.exits(name) for name in PARTS] == [[], [], []], "none had to be started again"
    assert "Traceback" not in stack.log("gateway"), "who asks it too early is told, and only he"


def test_everything_runs_as_somebody_who_may_not_write_the_sources(stack: Stack) -> None:
    for name in PARTS:
        process = psutil.Process(stack.pid(name))
        assert process.uids().real != 0
        assert process.children() == [], "one process for each part"
        environment = process.environ()
        assert (KEY in environment.values()) is (name == "gateway")
    secret = stack.folder / "data" / "parts-secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.stat().st_uid == psutil.Process(stack.pid("gateway")).uids().real
    found = stack.run("gateway", ["python", "-c", "open('/app/photoseek/errors.py', 'a')"])
    assert "PermissionError" in found.stderr
    owners = {path.stat().st_uid for path in (stack.folder / "app").rglob("*")}
    assert owners == {os.getuid()}, "nothing there was written by a part"


@pytest.mark.parametrize("part", ["encoder", "indexer"])
def test_a_part_answers_its_gateway_alone(stack: Stack, part: str) -> None:
    address = stack.surroundings(part)["env"][f"PHOTOSEEK_{part.upper()}"]
    with grpc.insecure_channel(address) as channel:
        ask = channel.unary_unary("/jina.JinaSingleDataRequestRPC/process_single_data")
        with pytest.raises(grpc.RpcError) as refusal:
            ask(b"", timeout=PATIENCE)
    assert refusal.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_connections_that_grow_old_lose_no_request(stack: Stack) -> None:
    encoder = psutil.Process(stack.pid("encoder"))
    port = int(stack.surroundings("encoder")["env"]["PHOTOSEEK_ENCODER"].rpartition(":")[2])

    def connections() -> set[int]:
        return {
            each.raddr.port
            for each in encoder.net_connections("tcp")
            if each.status == psutil.CONN_ESTABLISHED and each.laddr.port == port
        }

    with load_on(stack.url, KEY) as load:
        seen = connections()
        for _ in range(3):
            wait_until(lambda: bool(connections() - seen), "the gateway to connect anew")
            seen.update(connections())
        load.goes_on()
    assert set(load.outcomes) == {"answered"}, Counter(load.outcomes)


@pytest.mark.parametrize("part", ["encoder", "indexer"])
def test_a_part_that_is_killed_comes_back(stack: Stack, client: Client, part: str) -> None:
    before = client.search("red car", top_k=5).hits
    with load_on(stack.url, KEY) as load:
        pid = stack.kill(part, signal.SIGKILL)
        wait_until(lambda: "problem 503" in load.outcomes, "the load to notice")
        wait_until(lambda: not client.ready(), "/readyz to notice")  # it remembers for a moment
        assert httpx.get(f"{stack.url}/healthz").status_code == 200
        wait_until_restarted(stack, client, part, pid)
        load.goes_on()
    assert set(load.outcomes) == {"answered", "problem 503"}, Counter(load.outcomes)
    assert client.status().photos == DRAWINGS
    assert client.search("red car", top_k=5).hits == before


def test_a_gateway_that_is_killed_comes_back(stack: Stack, client: Client) -> None:
    with load_on(stack.url, KEY) as load:
        pid = stack.kill("gateway", signal.SIGKILL)
        wait_until_restarted(stack, client, "gateway", pid)
        load.goes_on()
    kinds = {outcome.partition(":")[0] for outcome in load.outcomes}
    assert kinds <= {"answered", "refused", "broken off", "problem 503"}, Counter(load.outcomes)
    broken_off = [outcome for outcome in load.outcomes if outcome.startswith("broken off")]
    assert len(broken_off) <= CLIENTS, "only what was in flight"
    assert client.status().photos == DRAWINGS


def test_a_stop_of_the_gateway_loses_no_request_in_flight(
    stack: Stack, client: Client, held_back: HeldBackPhoto
) -> None:
    with load_on(stack.url, KEY) as load, ThreadPoolExecutor(1) as pool:
        request = pool.submit(client.index_batch, [Photo(id="slow", uri=held_back.url)], [""])
        assert held_back.asked.wait(PATIENCE)
        pid = stack.kill("gateway", signal.SIGTERM)
        wait_until(lambda: "refused" in load.outcomes, "the gateway to take nothing new")
        held_back.allowed.set()
        [outcome] = request.result(PATIENCE)
        wait_until_restarted(stack, client, "gateway", pid)
        load.goes_on()
    deleted = client.delete(["slow"])  # at once: the tests after this one count the photos
    assert outcome.outcome == "indexed", outcome
    assert deleted == 1
    assert stack.exits("gateway")[-1] == 0
    assert set(load.outcomes) <= {"answered", "refused", "problem 503"}, Counter(load.outcomes)


def test_what_keeps_a_part_from_starting_is_told_in_words(stack: Stack) -> None:
    name = ["python", "/app/app.py", "-t"]
    taken = stack.run("encoder", [*name, "encoder"])
    assert taken.returncode == 1
    assert "cannot be used: Address already in use" in taken.stderr
    assert "set PHOTOSEEK_ENCODER to another port" in taken.stderr
    other = stack.run("encoder", [*name, "encoder", "--model", "ViT-B-33"])
    assert other.returncode == 1
    assert "was made with the model 'demo'; this run uses 'ViT-B-33'" in other.stderr
    assert "Traceback" not in taken.stderr + other.stderr


def test_the_command_line_uses_the_gateway_that_is_named(stack: Stack) -> None:
    name = ["python", "/app/app.py", "-t"]
    status = stack.run("index", [*name, "status"])
    assert f"photos\t{DRAWINGS}\n" in status.stdout, status.stderr
    assert f"gateway\t{stack.url}\n" in status.stdout
    found = stack.run("index", [*name, "query", "--json", "red car"])
    assert len(found.stdout.splitlines()) == 10, found.stderr
    other = stack.run("index", [*name, "query", "--index", "/data/other", "red car"])
    assert other.returncode == 1
    assert "serves another index than" in other.stderr
    nobody = stack.run("index", [*name, "query", "--gateway", "http://127.0.0.1:9", "red car"])
    assert nobody.returncode == 1
    assert "No gateway answers at http://127.0.0.1:9" in nobody.stderr
    gone = stack.run("index", [*name, "delete", "no-such-photo"])
    assert gone.returncode == 1
    assert f"0 of 1 photo deleted from {stack.url}" in gone.stdout


def test_a_stop_of_the_encoder_loses_no_request_in_flight(
    stack: Stack, client: Client, held_back: HeldBackPhoto
) -> None:
    """For good, as when a machine is switched off."""
    with ThreadPoolExecutor(2) as pool:
        request = pool.submit(client.index_batch, [Photo(id="slow", uri=held_back.url)], [""])
        assert held_back.asked.wait(PATIENCE)
        stop = pool.submit(stack.stop, "encoder")
        time.sleep(0.5)  # the stop is under way while the request still waits for its photo
        held_back.allowed.set()
        [outcome] = request.result(PATIENCE)
        stop.result(PATIENCE)
    assert outcome.outcome == "indexed", outcome


def test_everything_ends_well_when_it_is_told_to(stack: Stack) -> None:
    stack.stop()
    assert [stack.exits(name)[-1] for name in PARTS] == [0, 0, 0]
