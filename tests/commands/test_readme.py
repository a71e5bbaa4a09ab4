"""Every command in README.md, run as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from photoseek.cli.arguments import parse
from photoseek.cli.demo import PHOTOS
from photoseek.client import Client
from photoseek.flow.process import FlowProcess
from photoseek.settings import Settings, load_settings
from tests.support.deploy.compose import COMPOSE, compose_file
from tests.support.deploy.dockerfile import the
from tests.support.in_process import running_service
from tests.support.s3 import ENVIRONMENT, make_bucket
from tests.support.terminal import ROOT, command, photoseek
from tests.support.unsplash_lite import ArchiveRoute, lite_archive, photo_routes
from tests.support.web_server import PhotoServer, running_server

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = re.findall(r"^```bash\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
COMMANDS = [
    line.partition("  #")[0].strip()
    for block in SHELL
    for line in block.replace("\\\n", " ").splitlines()
]
# Searches at stock services run in tests/unit/sources/stock, against services of our own.
STOCK = [line for line in COMMANDS if re.search(r"--source .(unsplash|pexels):", line)]
APP = [line for line in COMMANDS if line.startswith("python app.py") and line not in STOCK]
MAKE = [line for line in COMMANDS if line.startswith("make ")]
DATA = [line for line in COMMANDS if line.startswith("scripts/get_data.sh")]
DEPLOY = [line for line in COMMANDS if "terraform" in line]  # run by tests/deploy/test_deploy.py
CURL = [line for line in COMMANDS if line.startswith("curl ")]
DOCKER = [line for line in COMMANDS if line.startswith("docker ")]
PYTHON = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


DRAWN = 150
"""Photos of the demo here; by itself it draws more."""


@pytest.fixture(scope="module")
def photos_on_the_web() -> Iterator[PhotoServer]:
    """Unsplash Lite and its photos, of which /late is there only when it is asked for again."""
    archive = ArchiveRoute()
    with running_server({"/latest": archive, **photo_routes(8)}) as server:
        archive.data = lite_archive(server.url, 8)
        photo = server.routes["/images/7"]
        server.routes["/late"] = lambda h: photo(h) if server.calls["/late"] > 1 else h.answer(404)
        yield server


@pytest.fixture(scope="module")
def desk(
    drawings: Path, photos_on_the_web: PhotoServer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder to work in: a home with pictures, a manifest with captions, a list of URLs."""
    desk = tmp_path_factory.mktemp("desk")
    paths = [*(f"/images/{number}" for number in range(4)), "/late"]
    (desk / "urls.txt").write_text("".join(f"{photos_on_the_web.url}{path}\n" for path in paths))
    pictures = desk / "home" / "Pictures"
    pictures.mkdir(parents=True)
    for path in sorted(drawings.parent.rglob("*.jpg"))[:10]:
        shutil.copy(path, pictures)
    shutil.copy(sorted(pictures.iterdir())[0], pictures / "beach.jpg")
    shutil.copytree(drawings.parent, desk, dirs_exist_ok=True)
    return desk


def test_every_command_is_covered() -> None:
    new_key = """echo "PHOTOSEEK_API_KEY=$(openssl rand -hex 24)" >> .env"""
    others = {"source .venv/bin/activate", new_key}
    covered = {*APP, *STOCK, *MAKE, *CURL, *DATA, *DOCKER, *DEPLOY, *others}
    assert not set(COMMANDS) - covered
    assert len(APP) >= 8
    assert len(DATA) == 3
    assert len(CURL) == 4
    assert len(DEPLOY) == 4
    assert len(PYTHON) == 2
    assert len(DOCKER) == 10


@pytest.mark.parametrize("line", MAKE)
def test_make_knows_its_targets(line: str) -> None:
    """The targets themselves are run by .ci/run and, for the demo, below."""
    result = subprocess.run(
        [*shlex.split(line), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("line", DOCKER)
def test_docker_is_asked_for_what_there_is(line: str) -> None:
    """Without an engine: services, profiles and tasks exist, and take these options."""
    _, command, *words = shlex.split(line)
    if command == "build":
        assert words == ["--tag", compose_file({})["services"]["gateway"]["image"], "."]
    elif command == "run":
        image = words.index("photoseek")
        assert_task(words[image + 1 :] or the("CMD").words())
        given = dict(zip(words[1:image:2], words[2:image:2], strict=True))
        assert set(given) <= {"--env", "--publish", "--volume"}
        variable, _, value = given.get("--env", "PHOTOSEEK_HOST=").partition("=")
        assert variable.removeprefix("PHOTOSEEK_").lower() in Settings.model_fields, value
    else:
        assert command == "compose"
        profile, words = (words[1], words[2:]) if words[0] == "--profile" else (None, words)
        services = compose_file({})["services"]
        profiles = {name for service in services.values() for name in service.get("profiles", [])}
        assert profile is None or profile in profiles
        if words[0] == "run":
            assert words[1] == "--rm"
            service, *arguments = words[2:]
            assert_task([*services[service]["entrypoint"][-1:], *arguments])
        else:
            assert words[0] in ("up", "down")
            assert set(words[1:]) <= {"--build", "--detach", "--wait"}


def assert_task(words: list[str]) -> None:
    parse(["-t", *words])  # ends the test where the command line would end


def test_every_variable_of_compose_is_in_the_readme() -> None:
    used = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text("utf-8")))
    told = set(re.findall(r"`([A-Z0-9_]+)(?:=[^`]*)?`", README))
    untold = {"S3_IMAGE", "S3_BUCKET", "S3_MEMORY", "CADDY_IMAGE", "CADDY_MEMORY", "CADDYFILE"}
    assert used - told == untold


@pytest.mark.timeout(900)
def test_the_commands_of_app_work_one_after_the_other(
    desk: Path, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a running gateway, as README.md advises; those on S3 do without."""
    environment = {
        "HOME": str(desk / "home"),
        "PHOTOSEEK_MODEL": "demo",
        "PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "true",  # the web of these tests is this machine
    }
    environment |= ENVIRONMENT | {"AWS_ENDPOINT_URL": s3_url}
    make_bucket(s3_url, "my-photos")
    for path in sorted((desk / "home" / "Pictures").iterdir()):
        put = httpx.put(f"{s3_url}/my-photos/2026/{path.name}", content=path.read_bytes())
        put.raise_for_status()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(index=str(desk / "data" / "index"))
    with running_service(settings) as service:
        environment["PHOTOSEEK_HTTP_PORT"] = str(service.settings.http_port)
        run_all(APP, environment, desk)


def run_all(lines: list[str], environment: dict[str, str], desk: Path) -> None:
    for line in lines:
        if "-t serve" in line:
            continue  # the served API is used below
        arguments = [
            argument.replace("~", str(desk / "home")) for argument in shlex.split(line)[2:]
        ]
        if "--watch" in line:
            watch_and_stop(arguments, environment, desk)
            continue
        result = photoseek(*arguments, environment=environment, cwd=desk, stdin="car\n")
        assert result.returncode == 0, f"{line}\n{result.stdout}\n{result.stderr}"
        assert (result.stdout + result.stderr).strip(), line


@pytest.mark.parametrize("line", DATA)
def test_the_data_sets_arrive(line: str, desk: Path, photos_on_the_web: PhotoServer) -> None:
    environment = {
        "PYTHON": sys.executable,
        "PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "true",
        "UNSPLASH_LITE_URL": photos_on_the_web.url + "/latest",
    }
    program, *arguments = shlex.split(line)
    result = subprocess.run(
        [ROOT / program, *arguments],
        cwd=desk,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr
    assert "arrived" in result.stdout or "Drawn" in result.stdout


def watch_and_stop(arguments: list[str], environment: dict[str, str], desk: Path) -> None:
    with subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
        cwd=desk,
    ) as process:
        assert process.stdout is not None
        assert any("unchanged" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


@pytest.fixture(scope="module")
def api(flow: FlowProcess) -> str:
    return flow.url


@pytest.mark.parametrize("line", CURL)
def test_the_api_answers(line: str, api: str) -> None:
    line = line.replace("localhost:8080", api.removeprefix("http://"))
    result = subprocess.run(
        shlex.split(line), capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
    expected = ('"hits":[{', '"total":', '"ready"')
    assert any(word in result.stdout for word in expected), result.stdout


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The Python of an environment of its own that `make install` has been through; its packages
    are those of this one.
    """
    venv.create(tmp_path / "venv", symlinks=True, with_pip=False)
    binaries = tmp_path / "venv" / "bin"
    packages = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    make = ["make", "--old-file=.venv/installed", "install", f"BIN={binaries}"]
    subprocess.run(make, cwd=ROOT, check=True, capture_output=True)
    return binaries / "python"


@pytest.mark.parametrize("code", PYTHON)
def test_python_works_from_any_folder(
    code: str, api: str, installed: Path, desk: Path, tmp_path: Path
) -> None:
    program = tmp_path / "elsewhere" / "search.py"
    program.parent.mkdir()
    program.write_text(code.replace("http://localhost:8080", api))
    result = subprocess.run(
        [installed, program],
        cwd=program.parent,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        | {"HOME": str(desk / "home"), "PHOTOSEEK_MODEL": "demo"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["1", "2", "3"]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    with socket.create_server(("127.0.0.1", 0)) as a, socket.create_server(("127.0.0.1", 0)) as b:
        http, grpc = a.getsockname()[1], b.getsockname()[1]
    ports = ["--http-port", str(http), "--grpc-port", str(grpc)]
    with subprocess.Popen(
        command("-t", "demo", "-n", str(DRAWN), *ports),
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        yield process, http
        process.kill()


def test_the_demo_draws_indexes_answers_and_serves(
    demo: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = demo
    assert process.stdout is not None
    shown = []
    for line in process.stdout:
        shown.append(line)
        if "Ctrl-C stops" in line:
            break
    text = "".join(shown)
    assert f"{DRAWN} drawings in data/demo/photos" in text
    assert f"{DRAWN} indexed" in text
    for query, words in {
        "red car at night": ("red", "car"),
        "sailing boat at sunset": ("boat",),
        "a cat in the forest": ("cat", "forest"),
    }.items():
        best = text.split(f"\n{query}\n")[1].splitlines()[0]
        assert best.split()[0] == "1"
        assert all(word in best for word in words), f"{query}: {best}"
    with Client(f"http://127.0.0.1:{port}") as client:
        assert client.status().photos == DRAWN


def test_the_defaults_of_the_readme_are_those_of_the_settings() -> None:
    settings = load_settings()
    assert f"draws {PHOTOS} illustrations" in README
    assert f"HTTP on {settings.http_port}, gRPC on {settings.grpc_port}" in README
    assert str(settings.source) in README
