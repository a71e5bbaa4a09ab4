"""compose.yaml and a host's deploy.sh with a real Docker engine: `make test-docker`."""

from __future__ import annotations

import os
import shlex
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.deploy.engine import (
    HERE,
    PROJECT,
    SURROUNDINGS,
    WELL,
    Compose,
    docker,
    need,
    remove_everything,
)
from tests.support.deploy.host import LIBRARY, Host
from tests.support.deploy.program import BUCKET, Program
from tests.support.deploy.terraform import FOLDER, REGION, ROOT
from tests.support.fenced import ALL
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(3600), pytest.mark.xdist_group("docker")]

KEY = "a-key-of-the-engines-tests"
URL = f"http://{HERE}:8080"
VERSION = "photoseek/__init__.py"


def search(url: str = URL, **options: object) -> httpx.Response:
    headers = {"X-API-Key": KEY}
    return httpx.get(f"{url}/api/search?q=red", headers=headers, timeout=60, **options)  # type: ignore[arg-type]


def test_one_command_leads_from_nothing_to_a_page(compose: Compose) -> None:
    """On an engine that has no image yet; then the profile that goes on indexing."""
    subprocess.run(["docker", "image", "rm", "photoseek-test"], capture_output=True, check=False)
    compose("up", "--build", "--detach", "--wait")
    assert compose.states() == WELL
    assert "indexed" in compose("run", "--rm", "--no-TTY", "index")
    assert len(search().json()["hits"]) > 10
    compose("--profile", "watch", "up", "--detach", "--wait")
    assert compose.states() == {**WELL, "watch": "healthy"}


def test_what_is_stored_is_brought_back_as_the_guide_says(compose: Compose, drawings: Path) -> None:
    """With a photo that was handed in, whose file lies nowhere else."""
    save, restore = [
        block.text for block in ALL if block.page == "docker" and "photoseek.tar" in block.text
    ]

    def run(text: str) -> None:
        surroundings = os.environ | {"COMPOSE_PROJECT_NAME": PROJECT}
        command = ["bash", "-euo", "pipefail", "-c", text]
        subprocess.run(command, cwd=compose.folder, env=surroundings, check=True)

    compose("up", "--build", "--detach", "--wait")
    picture = next(drawings.parent.rglob("*.jpg")).read_bytes()
    httpx.post(f"{URL}/api/photos", files={"file": ("a.jpg", picture)}, timeout=60)
    before = search().json()["hits"]
    run(save)
    run(restore)
    assert search().json()["hits"] == before
    original = httpx.get(f"{URL}{before[0]['links']['original']}", timeout=60)
    assert original.content == picture


def test_an_index_in_an_s3_server_of_its_own(compose: Compose) -> None:
    need("s3")
    compose.settings.update(
        PHOTOSEEK_INDEX="s3://photoseek/index",
        AWS_ENDPOINT_URL="http://s3:8333",
        AWS_REGION=REGION,
        AWS_ACCESS_KEY_ID="photoseek",
        AWS_SECRET_ACCESS_KEY="not-a-secret",
    )
    compose.write_settings()
    compose("--profile", "s3", "up", "--detach", "--wait", "s3")
    compose("--profile", "s3", "up", "--build", "--detach", "--wait")
    assert compose.states() == {**WELL, "s3": "healthy"}
    assert "indexed" in compose("run", "--rm", "--no-TTY", "index")
    assert len(search().json()["hits"]) > 10


def test_https_with_a_key(compose: Compose) -> None:
    """A certificate of Caddy's own authority, for the name localhost, and a redirect."""
    need("caddy")
    compose.settings["PHOTOSEEK_API_KEY"] = KEY
    compose.write_settings()
    compose("--profile", "https", "up", "--build", "--detach", "--wait")
    assert compose.states() == {**WELL, "caddy": "healthy"}
    unknown = ssl._create_unverified_context()
    assert search("https://localhost", verify=unknown).json()["hits"] == []
    assert httpx.get("https://localhost/api/search?q=red", verify=unknown).status_code == 401
    assert search("http://localhost").headers["location"].startswith("https://localhost/")


@pytest.fixture(scope="module")
def program(aws: str, project: Path) -> Program:
    return Program(aws, project, KEY)


@pytest.fixture(scope="module")
def others(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """Images of somebody else, one of them without a name, as a build leaves them."""
    folder = tmp_path_factory.mktemp("others")
    (folder / "file").write_text("something")
    found = set()
    for number, tag in enumerate(
        ("photoseek:mine", "photoseek-test-other", "photoseek-test-other")
    ):
        (folder / "Dockerfile").write_text(f"FROM scratch\nCOPY file /file{number}\n")
        found.add(docker("build", "--quiet", "--tag", tag, str(folder)))
    assert docker("image", "ls", "--quiet", "--filter", "dangling=true", "--no-trunc") != ""
    yield found
    docker("image", "rm", "--force", *found)


@pytest.fixture(scope="module")
def host(
    aws: str,
    aws_cli: Path,
    program: Program,
    others: set[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Host]:
    """A host that the first version was installed on; each test leaves one that runs it."""
    folder = tmp_path_factory.mktemp("host")
    folder.chmod(0o755)
    host = Host(folder / "disk", aws, folder / "tools")
    host.settings.mkdir(parents=True)
    settings = {
        **SURROUNDINGS,
        "COMPOSE_PROFILES": "watch",
        "PHOTOSEEK_API_KEY_FOR": "all",
        "PHOTOSEEK_MODEL": "demo",
        "WATCH_SECONDS": "10",
    }
    place = {
        "IMAGE": "",
        "KEY_PARAMETER": "/key",
        "REGION": REGION,
        "SOURCE": f"s3://{BUCKET}/deploy/source",
    }
    for name, values in {"settings.env": settings, "place.env": place}.items():
        (host.settings / name).write_text("".join(f"{n}='{v}'\n" for n, v in values.items()))
    library = host.disk / LIBRARY.lstrip("/")
    library.mkdir(parents=True)
    shutil.copy(FOLDER / "host" / "deploy.sh", library)
    host.tools.mkdir()
    (host.tools / "aws").symlink_to(aws_cli / "aws")
    before = releases()
    program.send()
    deploy(host, "start")
    yield host
    remove_everything()
    for image in releases() - before:
        docker("image", "rm", image)


def releases() -> set[str]:
    tags = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "photoseek").split()
    return {tag for tag in tags if len(tag) == len("photoseek:") + 12}


def deploy(host: Host, how: str, status: int = 0, **extra: str) -> str:
    """What deploy.sh says, which ends with that status."""
    result = subprocess.run(
        host.command("deploy.sh", how),
        env=host.environment(COMPOSE_PROJECT_NAME=PROJECT, **extra),
        capture_output=True,
        text=True,
        check=False,
    )
    said = result.stdout + result.stderr
    assert result.returncode == status, said
    return said


def runs(host: Host) -> str:
    """The version that answers, on the image of the current release."""
    compose = Compose(host.current)
    assert compose.states() == {**WELL, "watch": "healthy"}
    assert search().status_code == 200
    gateway = compose("ps", "--format", "{{.Image}}", "gateway").strip()
    assert gateway == f"photoseek:{host.current.resolve().name}"
    version = "import photoseek; print(photoseek.__version__)"
    return compose("exec", "--no-TTY", "gateway", "python", "-c", version).strip()


def test_a_host_begins_with_an_empty_bucket_and_finds_what_comes(
    host: Host, drawings: Path
) -> None:
    first = runs(host)
    assert httpx.get(f"{URL}/api/search?q=red").status_code == 401
    assert first in (ROOT / VERSION).read_text()
    for picture in sorted(drawings.parent.rglob("*.jpg"))[:3]:
        shutil.copy(picture, host.root / "photos")
        (host.root / "photos" / picture.name).chmod(0o644)
    wait_until(lambda: len(search().json()["hits"]) == 3, "the photos that came", 120)


def test_a_file_of_the_same_length_is_put_to_use_and_taken_back(
    host: Host, program: Program
) -> None:
    first = runs(host)
    other = "9" + first[1:]
    program.send({VERSION: program.files[VERSION].replace(first.encode(), other.encode())})
    deploy(host, "upgrade")
    assert runs(host) == other
    built = docker("image", "inspect", "--format", "{{.Created}}", *sorted(releases()))
    deploy(host, "rollback")
    assert runs(host) == first
    assert docker("image", "inspect", "--format", "{{.Created}}", *sorted(releases())) == built


def test_a_gateway_that_dies_at_its_start_is_taken_back(host: Host, program: Program) -> None:
    first = runs(host)
    dies = b"import sys\n\nif 'gateway' in sys.argv:\n    sys.exit('died of it')\n"
    program.send({"app.py": dies + program.files["app.py"].replace(b"from __future__", b"# ")})
    said = deploy(host, "upgrade", status=1)
    assert "died of it" in said
    assert f"Going back to photoseek:{host.current.resolve().name}." in said
    assert runs(host) == first


def test_what_cannot_be_built_leaves_alone_what_runs(host: Host, program: Program) -> None:
    first = runs(host)
    before = docker("ps", "--quiet", "--no-trunc")
    program.send({"Dockerfile": program.files["Dockerfile"] + b"RUN false\n"})
    assert "could not be built. What ran goes on." in deploy(host, "upgrade", status=1)
    assert docker("ps", "--quiet", "--no-trunc") == before
    assert runs(host) == first


def test_a_reboot_needs_neither_the_bucket_nor_a_build(host: Host, program: Program) -> None:
    first = runs(host)
    program.send({VERSION: b'__version__ = "sent, and not asked for"\n'})
    docker("compose", "--project-name", PROJECT, "stop")  # as the unit does
    if restart := os.environ.get("DOCKER_RESTART"):
        subprocess.run(shlex.split(restart), check=True)
    assert set(Compose(host.current).states().values()) == {"exited"}
    deploy(host, "start", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert runs(host) == first


def test_two_releases_stay_and_everything_of_others(host: Host, others: set[str]) -> None:
    assert len(releases()) == len(list((host.root / "releases").iterdir())) == 2
    assert docker("image", "inspect", "--format", "{{.Id}}", *others).split()
