"""The profiles of compose.yaml with an engine for the index, on a real Docker engine."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from photoseek.demo.library import write_library
from tests.conftest import DRAWINGS
from tests.support.deploy.engine import HERE, WELL, Compose, docker, need
from tests.support.deploy.load import load_on
from tests.support.fenced import ROOT, blocks
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(3600), pytest.mark.xdist_group("docker")]

URL = f"http://{HERE}:8080"
NODES = ("elastic1", "elastic2", "elastic3")
CLUSTER = {**WELL, **dict.fromkeys(NODES, "healthy")}
MORE = 480
LEAST_MAPS = 262144
"""What Elasticsearch asks of vm.max_map_count."""


def settings_of_the_guide() -> dict[str, str]:
    """Its lines for .env."""
    [block] = [b for b in blocks(ROOT / "docs" / "guide" / "scale.md") if b.language == "ini"]
    return dict(line.split("=", 1) for line in block.text.splitlines())


def ids() -> list[str]:
    """The ids of all photos, page by page, as often as they are there."""
    found: list[str] = []
    offset: int | None = 0
    while offset is not None:
        question = {"limit": 100, "offset": offset, "dedupe": False}
        answer = httpx.get(f"{URL}/api/search", params=question, timeout=60)
        page = answer.raise_for_status().json()
        found += [hit["id"] for hit in page["hits"]]
        offset = page["next_offset"]
    return found


def photos() -> int:
    """How many there are."""
    return int(httpx.get(f"{URL}/api/stats", timeout=60).raise_for_status().json()["photos"])


def run(compose: Compose, *arguments: str) -> str:
    return compose("--profile", "elastic", "run", "--rm", "--no-TTY", *arguments)


def test_an_index_in_three_nodes_of_which_the_leader_is_killed(
    compose: Compose, project: Path, tmp_path: Path
) -> None:
    """Every search is answered throughout, and no photo is lost or doubled."""
    need(NODES[0])
    maps = int(Path("/proc/sys/vm/max_map_count").read_text())
    if maps < LEAST_MAPS:
        pytest.skip(f"vm.max_map_count is {maps}, and Elasticsearch needs {LEAST_MAPS}")
    compose.settings["PHOTOSEEK_RATE_LIMIT"] = "0"
    compose.write_settings()
    compose("up", "--build", "--detach", "--wait")
    assert "indexed" in compose("run", "--rm", "--no-TTY", "index")
    before = ids()
    assert len(before) == DRAWINGS

    compose.settings.update(settings_of_the_guide(), PHOTOSEEK_MODEL="demo")
    compose.write_settings()
    index = compose.settings["PHOTOSEEK_INDEX"]
    assert "were compared" in run(compose, "copy", "--from", "/data/index", "--to", index)
    compose("--profile", "elastic", "up", "--detach", "--wait")
    assert compose.states() == CLUSTER
    assert sorted(ids()) == sorted(before)

    wait_for_copies(compose, "elastic1")

    more = project / "photos" / "more"
    shutil.copytree(write_library(tmp_path / "more", MORE, seed=1).parent, more)
    for path in (more, *more.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    with load_on(URL, "") as load, ThreadPoolExecutor(1) as pool:
        leader = ask(compose, "elastic3", "_cat/master?h=node").strip()
        [container] = compose("ps", "--quiet", leader).split()
        indexing = pool.submit(run, compose, "index", "--source", "/photos/more")
        wait_until(lambda: photos() > DRAWINGS, "the first photos to be stored", 300, every=0.1)
        docker("kill", container)
        load.goes_on()
        assert f"{MORE} indexed" in indexing.result()
        docker("start", container)
        wait_until(lambda: compose.states() == CLUSTER, "the node to be back", 600, every=1)
        wait_for_copies(compose, leader)
        load.goes_on()
    assert set(load.outcomes) == {"answered"}
    after = ids()
    assert len(after) == len(set(after)) == photos() == DRAWINGS + MORE
    assert set(before) < set(after)


def wait_for_copies(compose: Compose, node: str) -> None:
    """Return when all nodes are there, and every part of the index is on two of them."""
    health = f"_cluster/health?wait_for_status=green&wait_for_nodes={len(NODES)}&timeout=300s"
    assert '"status":"green"' in ask(compose, node, health)


def ask(compose: Compose, node: str, path: str) -> str:
    """What a node answers."""
    url = f"http://127.0.0.1:9200/{path}"
    return compose("--profile", "elastic", "exec", "--no-TTY", node, "curl", "-fsS", url)
