"""A real Docker engine, for the tests of `make test-docker`.

`DOCKER_HOST` and the PATH say which, as for `docker` itself. Variables that these tests read:

    TORCH            build of PyTorch, as in docs/guide/docker.md; cpu is smallest
    S3_IMAGE         images of the profiles s3 and https, where registries are not reached
    CADDY_IMAGE
    ELASTIC_IMAGE    that of the profile elastic
    DOCKER_RESTART   a command that stops the engine and starts it again, as a reboot would
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.deploy.compose import compose_file

PROJECT = "photoseek-test"
"""Of everything that is made here: a photoseek that somebody runs on this engine is left alone."""

HERE = "127.0.0.2"
"""Where ports are published, beside those of others on 127.0.0.1."""

SURROUNDINGS = {"HTTP_BIND": HERE, "SUBNET": "10.211.0.0/24", "TORCH": os.environ.get("TORCH", "")}


WELL = dict.fromkeys(("gateway", "encoder", "indexer"), "healthy")
"""The parts, when all of them are."""


def why_not() -> str:
    """Why these tests cannot run here, or ""."""
    if not shutil.which("docker"):
        return "there is no docker on the PATH"
    for command in (["version"], ["compose", "version"]):
        result = subprocess.run(["docker", *command], capture_output=True, text=True, check=False)
        if result.returncode:
            return f"docker {' '.join(command)} says {result.stderr.strip()}"
    return ""


def has_image(name: str) -> bool:
    """Whether the engine has an image, or gets it from its registry."""
    return any(
        subprocess.run(["docker", *words, name], capture_output=True, check=False).returncode == 0
        for words in (["image", "inspect"], ["pull", "--quiet"])
    )


def need(service: str) -> None:
    """Leave the test out where the image of a service is not to be had."""
    image = compose_file(os.environ)["services"][service]["image"]
    if not has_image(image):
        pytest.skip(f"{image} is not to be had here; see tests/support/deploy/engine.py")


def docker(*arguments: str) -> str:
    """What a command of docker prints."""
    command = ["docker", *arguments]
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"docker {' '.join(arguments)}\n{result.stderr}"
    return result.stdout.strip()


@dataclass(frozen=True)
class Compose:
    """`docker compose` in a folder, whose `.env` these settings are."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def write_settings(self) -> None:
        lines = (f"{name}='{value}'\n" for name, value in self.settings.items())
        (self.folder / ".env").write_text("".join(lines))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["docker", "compose", "--project-name", PROJECT, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def __call__(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.returncode == 0, f"{arguments}\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def states(self) -> dict[str, str]:
        """Whether each container that there is runs, and is well."""
        names = docker("ps", "--all", "--quiet", "--filter", f"label={_LABEL}.project={PROJECT}")
        inspected = json.loads(docker("inspect", *names.split())) if names else []
        return {
            container["Config"]["Labels"][f"{_LABEL}.service"]: _state(container["State"])
            for container in inspected
        }


def remove_everything() -> None:
    """The containers, networks and volumes of the project."""
    project = f"label={_LABEL}.project={PROJECT}"
    for kind, words in {
        "container": ["rm", "--force", "--volumes"],
        "network": ["rm"],
        "volume": ["rm", "--force"],
    }.items():
        every = ["--all"] if kind == "container" else []
        names = docker(kind, "ls", *every, "--quiet", "--filter", project).split()
        if names:
            docker(kind, *words, *names)


def _state(state: dict[str, Any]) -> str:
    status: str = state["Status"]
    return status if status != "running" else state["Health"]["Status"]


_LABEL = "com.docker.compose"
