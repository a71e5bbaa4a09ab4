"""The package as people install it: built, and installed where there is no checkout."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from photoseek import __version__
from photoseek.helpers.ports import free_ports
from tests.support.environments import NEWEST, OLDEST, run
from tests.support.terminal import ROOT
from tests.support.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("package")]

INSIDE = (
    "photoseek/py.typed",
    "photoseek/demo/model/open_clip_model.safetensors",
    "photoseek/flow/data/flows/photoseek.yml",
    "photoseek/flow/data/executors/clip_encoder/config.yml",
    "photoseek/flow/data/executors/vector_indexer/executor.py",
)


@pytest.fixture(scope="module", params=[OLDEST, NEWEST])
def installed(request: pytest.FixtureRequest, wheel_environment: Callable[[str], Path]) -> Path:
    """The programs of an environment with the wheel and all that it needs, without extras."""
    return wheel_environment(request.param)


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which nothing finds the checkout."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def served(command: Sequence[str | Path], url: str, told: Path) -> Iterator[None]:
    """Inside, a server answers; what it says is in a file."""
    with told.open("w") as file:
        process = subprocess.Popen(command, stdout=file)
    try:
        wait_until(lambda: answers(url), "the server")
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_one_package_with_all_that_it_needs_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    information = f"photoseek-{__version__}.dist-info"
    assert {name.partition("/")[0] for name in names} == {"photoseek", information}
    assert {*INSIDE} <= {*names}
    if (ROOT / "web" / "dist" / "index.html").is_file():
        assert "photoseek/gateway/web/index.html" in names
    assert not [name for name in names if "/training/" in name or "/node_modules/" in name]


def test_the_sdist_has_what_the_wheel_is_made_of(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"photoseek/engine.py", "app.py", "flows/photoseek.yml", "README.md"} <= names
    assert not [name for name in names if name.startswith(("tests/", "infra/", "web/", "data/"))]


def test_the_command_works_anywhere(installed: Path, away: Path) -> None:
    photoseek = installed / "photoseek"
    assert run([photoseek, "--version"], away) == f"photoseek {__version__}\n"
    assert "photoseek index --source ~/Pictures" in run([photoseek], away)
    assert run([installed / "python", "-m", "photoseek", "--version"], away).startswith("photoseek")
    missing = subprocess.run([photoseek, "status"], cwd=away, capture_output=True, text=True)
    assert missing.returncode == 1
    assert "index --source FOLDER" in missing.stderr
    bucket = ["--source", "s3://photos/2026"]
    refused = subprocess.run(
        [photoseek, "index", *bucket], cwd=away, capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert "'photoseek[s3] @ file://" in refused.stderr
    assert "complete" in run([photoseek, "completion", "bash"], away)


def test_photos_are_indexed_found_and_served(installed: Path, away: Path, drawings: Path) -> None:
    photoseek, told = installed / "photoseek", away / "told.txt"
    http, grpc = map(str, free_ports(2))
    given = ["--model", "demo", "--http-port", http, "--grpc-port", grpc]
    url = f"http://127.0.0.1:{http}"
    source = ["--source", str(drawings), "-n", "20", "--json"]
    with served([photoseek, "serve", *given], url, told):
        assert json.loads(run([photoseek, "index", *source, *given], away))["indexed"] == 20
        assert httpx.get(f"{url}/api/stats").json()["model"] == "demo"
        page = httpx.get(url).text
    if (ROOT / "web" / "dist" / "index.html").is_file():
        assert 'id="root"' in page
    assert "'photoseek[flow] @ file://" in told.read_text()
    search: list[str | Path] = [photoseek, "search", "a red car"]
    options = ["--json", "-k", "3", "--http-port", http]
    hits = run([*search, *options], away).splitlines()
    assert [json.loads(hit)["rank"] for hit in hits] == [1, 2, 3]


def test_the_import_is_light_and_needs_no_flow(installed: Path, away: Path) -> None:
    program = (
        "import sys, photoseek\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(names & {'torch', 'numpy', 'lancedb', 'pydantic', 'jina'}))\n"
        "print(photoseek.__file__)\n"
        "photoseek.PhotoSearch, photoseek.Client\n"
        "import importlib.util; print(importlib.util.find_spec('jina'))\n"
    )
    heavy, file, jina = run([installed / "python", "-c", program], away).splitlines()
    assert (heavy, jina) == ("[]", "None")
    assert Path(file).is_relative_to(installed.parent), os.environ.get("PYTHONPATH")
