"""What the tests of the infrastructure share."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.deploy.deployment import PICTURES, VARIABLES, Deployment
from tests.support.deploy.engine import SURROUNDINGS, Compose, remove_everything, why_not
from tests.support.deploy.host_work import Work, work_as_the_host
from tests.support.deploy.manifests import FOLDER, Cluster, copy_site, render
from tests.support.deploy.terraform import (
    Terraform,
    copy_project,
    running_provider,
    unenforced_bucket_policies,
)
from tests.support.deploy.tools import AWS_CLI, tool
from tests.support.environments import UV, new_environment, run, take_what_is_compiled
from tests.support.s3 import forget_everything, running_s3
from tests.support.terminal import ROOT


@pytest.fixture(autouse=True, scope="module")
def empty_cloud() -> None:
    """Not emptied between files, as elsewhere: all read what was deployed once."""


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """The URL of a server that answers as AWS does: EC2, IAM, S3, Parameter Store and others."""
    forget_everything()
    with running_s3() as url, unenforced_bucket_policies():
        yield url


@pytest.fixture(scope="session")
def terraform(aws: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """The host's configuration beside a part of the program, which is sent sooner; not applied."""
    project = copy_project(tmp_path_factory.mktemp("project"), ["flows"])
    host = Terraform(project / "infra" / "terraform", aws)
    with running_provider(host) as provider:
        yield replace(host, provider=provider)


@pytest.fixture(scope="session")
def deployment(
    terraform: Terraform,
    aws_cli: Path,
    drawings: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deployment]:
    """A bucket and a host, for tests that leave them as they are."""
    home = tmp_path_factory.mktemp("home")
    (home / "Pictures").mkdir()
    for path in sorted(drawings.parent.rglob("*.jpg"))[:PICTURES]:
        shutil.copy(path, home / "Pictures")
    deployment = Deployment(replace(terraform, variables=VARIABLES), home, aws_cli)
    with closing(deployment):
        deployment.make()
        yield deployment


@pytest.fixture(scope="session")
def host_work(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """What was found and asked when the program had done all that it does on the host."""
    return work_as_the_host(deployment, tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="session")
def aws_cli(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the PATH with the real AWS command line as `aws`."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "aws").write_text(f'#!/bin/sh\nexec {shlex.join(tool(AWS_CLI, "aws"))} "$@"\n')
    (folder / "aws").chmod(0o755)
    return folder


@cache
def _rendered(*components: str) -> Cluster:
    with TemporaryDirectory() as folder:
        return render(copy_site(Path(folder) / "kubernetes", components=components))


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The site as it stands in the project, for tests that leave it as it is."""
    return render(FOLDER / "site")


@pytest.fixture(
    params=[(), ("keys",), ("gpu",), ("queue", "engine", "redis", "keys", "gpu")],
    ids=lambda names: "+".join(names),
)
def variant(request: pytest.FixtureRequest) -> Cluster:
    """Sites with these components, for tests that leave them as they are."""
    return _rendered(*request.param)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with an sdist, and the wheel that was made from it."""
    folder = tmp_path_factory.mktemp("built")
    run([*UV, "build", "--quiet", "--out-dir", folder, ROOT], cwd=folder)
    return folder


@pytest.fixture(scope="session")
def wheel_environment(
    built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Gives the programs of an environment of a Python, with the wheel and all that it needs."""

    @cache
    def made(version: str) -> Path:
        folder = tmp_path_factory.mktemp("environment")
        programs = new_environment(version, folder / "venv")
        (wheel,) = built.glob("*.whl")
        pins: list[str | Path] = ["--constraint", ROOT / "requirements.txt"]
        python: list[str | Path] = ["--python", programs / "python"]
        run([*UV, "pip", "install", "-q", *python, *pins, wheel], cwd=folder)
        if sys.version_info[:2] == tuple(map(int, version.split("."))):
            take_what_is_compiled(folder / "venv")
        return programs

    return made


@pytest.fixture(scope="session")
def engine() -> Iterator[None]:
    """A Docker engine; nothing of these tests is on it, before and after."""
    if reason := why_not():
        pytest.skip(f"no Docker engine can be used here: {reason}")
    remove_everything()
    yield
    remove_everything()


@pytest.fixture(scope="module")
def project(engine: None, drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a newcomer has it, with photos."""
    project = copy_project(tmp_path_factory.mktemp("project"))
    shutil.copytree(drawings.parent, project / "photos")
    for path in [project / "photos", *(project / "photos").rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return project


@pytest.fixture
def compose(project: Path) -> Iterator[Compose]:
    image = "photoseek-test"
    settings = {**SURROUNDINGS, "PHOTOSEEK_MODEL": "demo", "PHOTOSEEK_IMAGE": image}
    compose = Compose(project, settings)
    compose.write_settings()
    yield compose
    compose("--profile", "*", "down", "--volumes", "--timeout", "1")
