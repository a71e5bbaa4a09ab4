"""What the host does with itself: its user data as cloud-init reads it, its scripts run for real.

Docker, systemd and the package manager cannot be here: stand-ins note how they are called. The AWS
command line is the real one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from photoseek.settings import load_settings
from tests.support.deploy.compose import compose_file
from tests.support.deploy.deployment import BUCKET, Deployment
from tests.support.deploy.host import LIBRARY, Host
from tests.support.deploy.terraform import NEEDS_TERRAFORM, REGION, ROOT

pytestmark = NEEDS_TERRAFORM


@pytest.fixture(scope="module")
def raw_user_data(deployment: Deployment) -> bytes:
    return deployment.user_data


@pytest.fixture(scope="module")
def user_data(raw_user_data: bytes) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(raw_user_data)
    return data


@pytest.fixture(scope="module")
def files(user_data: dict[str, Any]) -> dict[str, str]:
    return {file["path"]: file["content"] for file in user_data["write_files"]}


def new_host(user_data: dict[str, Any], aws: str, aws_cli: Path, folder: Path) -> Host:
    host = Host(folder / "disk", aws, folder / "tools")
    for file in user_data["write_files"]:
        path = host.disk / file["path"].lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file["content"])
        path.chmod(int(file["permissions"], 8))
    host.place_tools(aws=f'#!/bin/sh\nexec {aws_cli}/aws "$@"\n')
    return host


@pytest.fixture
def host(user_data: dict[str, Any], aws: str, aws_cli: Path, tmp_path: Path) -> Host:
    """A host on which nothing has run yet."""
    return new_host(user_data, aws, aws_cli, tmp_path)


@pytest.fixture(scope="module")
def started(
    user_data: dict[str, Any],
    aws: str,
    aws_cli: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Host:
    """A host that was started once; the last test with it upgrades it."""
    host = new_host(user_data, aws, aws_cli, tmp_path_factory.mktemp("host"))
    result = host.run("deploy.sh", "start")
    assert result.returncode == 0, result.stderr
    return host


def test_cloud_init_understands_the_user_data(raw_user_data: bytes, tmp_path: Path) -> None:
    assert raw_user_data.startswith(b"#cloud-config\n")
    assert len(raw_user_data) < 16_384  # EC2 takes no more
    data = yaml.safe_load(raw_user_data)
    assert set(data) == {"write_files", "runcmd"}
    for file in data["write_files"]:
        assert set(file) == {"path", "permissions", "content"}
        assert file["permissions"] in ("0644", "0755")
    for command in data["runcmd"]:
        assert all(isinstance(word, str) for word in command)


@pytest.mark.skipif(not shutil.which("cloud-init"), reason="cloud-init is not installed here")
def test_the_user_data_keep_to_cloud_inits_schema(raw_user_data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "user-data"
    path.write_bytes(raw_user_data)
    result = subprocess.run(
        ["cloud-init", "schema", "--config-file", path], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_secret_is_in_the_user_data(deployment: Deployment, raw_user_data: bytes) -> None:
    assert deployment.key.encode() not in raw_user_data


def test_the_scripts_are_clean(host: Host) -> None:
    scripts = sorted((host.disk / LIBRARY.lstrip("/")).iterdir())
    assert [script.name for script in scripts] == ["deploy.sh", "install.sh"]
    shellcheck = Path(sys.executable).parent / "shellcheck"
    result = subprocess.run([shellcheck, *scripts], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_unit_starts_at_boot_and_tries_again(
    user_data: dict[str, Any], files: dict[str, str]
) -> None:
    unit = RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(files["/etc/systemd/system/photoseek.service"])
    service = unit["Service"]
    for entry in ("ExecStartPre", "ExecStart", "ExecReload"):
        assert service[entry].split()[0] in files
    assert f"/etc/{service['ConfigurationDirectory']}/settings.env" in files
    assert service["Restart"] == "on-failure"
    assert unit["Install"]["WantedBy"] == "multi-user.target"
    assert user_data["runcmd"][-1][:2] == ["systemctl", "enable"]
    assert user_data["runcmd"][-1][-1] == "photoseek.service"


def test_dockers_settings_rotate_its_logs(files: dict[str, str]) -> None:
    assert json.loads(files["/etc/docker/daemon.json"]) == {"log-driver": "local"}


def test_a_boot_starts_and_a_reload_upgrades(files: dict[str, str]) -> None:
    """What an operator may have written down of an older version goes on to mean the same."""
    unit = files["/etc/systemd/system/photoseek.service"]
    assert f"\nExecStart={LIBRARY}/deploy.sh start\n" in unit
    assert f"\nExecReload={LIBRARY}/deploy.sh upgrade\n" in unit
    assert "\nExecStop=/usr/bin/docker compose --project-name photoseek stop\n" in unit


def test_the_host_fetches_the_program_and_the_key_and_starts(
    started: Host, deployment: Deployment
) -> None:
    host = started
    program = host.current / "app.py"
    assert program.read_bytes() == (ROOT / "app.py").read_bytes()
    assert program.stat().st_mode & 0o077 == 0o044  # else the image cannot read it
    assert os.access(host.current / "infra" / "docker" / "install.sh", os.X_OK)
    image = host.runs
    assert re.fullmatch(r"photoseek:[0-9a-f]{12}", image)
    assert host.calls == [
        "docker version",
        f"docker image inspect {image}",
        "docker compose build",
        "docker compose up --detach --no-build --remove-orphans --wait --wait-timeout 1800",
        "docker image ls --format {{.Tag}} photoseek",
        "docker builder prune --force --keep-storage 10GB",
    ]
    environment = host.current / ".env"
    assert environment.stat().st_mode & 0o077 == 0
    assert f"PHOTOSEEK_API_KEY='{deployment.key}'\n" in environment.read_text()
    assert f"PHOTOSEEK_IMAGE='{image}'\n" in environment.read_text()


def test_the_settings_of_the_host_are_settings_of_photoseek(
    started: Host, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (started.current / ".env").read_text()
    lines = [line.partition("=") for line in text.splitlines()]
    given = {name: value.strip("'") for name, _, value in lines}
    given |= compose_file(given)["services"]["gateway"]["environment"]
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()  # as in the container, and no name is unknown
    assert settings.index == f"s3://{BUCKET}/index"
    assert settings.uploads == f"s3://{BUCKET}/uploads"
    assert settings.source == f"s3://{BUCKET}/photos"
    assert settings.photo_roots == (f"s3://{BUCKET}/photos",)
    assert settings.allowed_hosts == (deployment.host.outputs()["public_dns"],)
    assert settings.allowed_origins == ("https://a.example",)
    assert settings.keep == "original"
    assert settings.api_key_for == "all"
    assert settings.api_key
    assert settings.api_key.get_secret_value() == deployment.key
    assert "\nTORCH='cpu'\n" in text
    assert "\nCOMPOSE_FILE='compose.yaml'\n" in text
    assert boto3.session.Session().region_name == REGION


@pytest.fixture
def send(deployment: Deployment) -> Iterator[Callable[[str, bytes], None]]:
    """Replaces something below deploy/ in the bucket, until the test has ended."""
    s3 = deployment.host.s3
    before: dict[str, bytes] = {}

    def put(name: str, body: bytes) -> None:
        key = f"deploy/{name}"
        before[key] = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    yield put
    for key, body in before.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)


def test_a_file_of_the_same_length_replaces_the_old_one(
    started: Host, deployment: Deployment, send: Callable[[str, bytes], None]
) -> None:
    """With the real command line, whose `sync` skips what has the same size and a newer time."""
    host = started
    ran = host.runs
    new = b"#" + (ROOT / "app.py").read_bytes()[1:]
    send("source/app.py", new)
    half = host.run("deploy.sh", "upgrade")
    assert half.returncode == 1
    assert "app.py: FAILED" in half.stdout
    assert "is not what its list of hashes says" in half.stderr
    answer = deployment.host.s3.get_object(Bucket=BUCKET, Key="deploy/source.sha256")
    manifest = answer["Body"].read().decode()
    old = hashlib.sha256((ROOT / "app.py").read_bytes()).hexdigest()
    manifest = manifest.replace(old, hashlib.sha256(new).hexdigest())
    send("source.sha256", manifest.encode())
    whole = host.run("deploy.sh", "upgrade")
    assert whole.returncode == 0, whole.stderr
    assert (host.current / "app.py").read_bytes() == new
    assert host.runs != ran


def test_an_image_is_pulled_where_one_is_named(host: Host) -> None:
    place = host.settings / "place.env"
    assert "IMAGE=''\n" in place.read_text()
    place.write_text(place.read_text().replace("IMAGE=''", "IMAGE='ghcr.io/example/photoseek:1'"))
    assert host.run("deploy.sh", "start").returncode == 0
    assert host.calls[1] == "docker pull --quiet ghcr.io/example/photoseek:1"
    assert f"docker tag ghcr.io/example/photoseek:1 {host.runs}" in host.calls
    assert "docker compose build" not in host.calls


def test_docker_is_installed_with_plugins_that_are_what_they_should_be(
    host: Host, tmp_path: Path
) -> None:
    """Without the network: what curl gets is something else, and is refused."""
    (host.tools / "curl").write_text('#!/bin/sh\necho "curl $*" >>"$CALLS"\necho evil >"${8}"\n')
    (host.tools / "curl").chmod(0o755)
    plugins = tmp_path / "plugins"
    result = host.run("install.sh", str(plugins))
    assert result.returncode != 0
    assert "WARNING: 1 computed checksum did NOT match" in result.stderr
    assert not (plugins / "docker-compose").exists()
    (call,) = host.calls
    assert "https://github.com/docker/compose/releases/download/v" in call
