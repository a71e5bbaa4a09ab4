"""What the host does with itself: its user data as cloud-init reads it, its scripts run for real.

Docker, systemd and the package manager cannot be here: stand-ins note how they are called. The AWS
command line is the real one.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from photoseek.settings import load_settings
from tests.infra.terraform import NEEDS_TERRAFORM, REGION, ROOT, Terraform
from tests.s3 import ENVIRONMENT

pytestmark = [NEEDS_TERRAFORM, pytest.mark.timeout(900)]

BUCKET = f"press-photos-123456789012-{REGION}"
VARIABLES = (
    "-var=name=press-photos",
    '-var=allowed_cidrs=["203.0.113.7/32"]',
    '-var=settings={PHOTOSEEK_KEEP="original", PHOTOSEEK_ALLOWED_ORIGINS="[\\"https://a.example\\"]"}',
)
LIBRARY = "/usr/local/lib/photoseek"
STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
[ "$1" != "$REFUSED" ]
"""


@dataclass(frozen=True)
class Host:
    """A folder that stands for the host's disk, laid out as cloud-init would."""

    disk: Path
    url: str
    tools: Path

    @property
    def home(self) -> Path:
        return self.disk / "opt" / "photoseek"

    @property
    def settings(self) -> Path:
        return self.disk / "etc" / "photoseek"

    def run(self, script: str, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """As the unit does: in its working directory, with its configuration directory."""
        calls = self.disk / "calls"
        calls.unlink(missing_ok=True)
        environment = {
            **os.environ,
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL": self.url,
            "CONFIGURATION_DIRECTORY": str(self.settings),
            "PATH": f"{self.tools}:{os.environ['PATH']}",
            "CALLS": str(calls),
            "REFUSED": "nothing",
            **extra,
        }
        return subprocess.run(
            [f"{self.disk}{LIBRARY}/{script}", *arguments],
            cwd=self.home,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    @property
    def calls(self) -> list[str]:
        calls = self.disk / "calls"
        return calls.read_text().splitlines() if calls.exists() else []


@pytest.fixture(scope="module")
def applied(terraform: Terraform) -> Terraform:
    terraform.s3.create_bucket(Bucket=BUCKET)
    terraform.apply(*VARIABLES)
    return terraform


@pytest.fixture(scope="module")
def raw_user_data(applied: Terraform) -> bytes:
    ec2 = applied.client("ec2")
    pages = ec2.describe_instances(
        Filters=[
            {"Name": "tag:Name", "Values": ["press-photos"]},
            {"Name": "instance-state-name", "Values": ["running"]},
        ]
    )
    instance = pages["Reservations"][0]["Instances"][0]["InstanceId"]
    answer = ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")
    return base64.b64decode(answer["UserData"]["Value"])


@pytest.fixture(scope="module")
def user_data(raw_user_data: bytes) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(raw_user_data)
    return data


@pytest.fixture(scope="module")
def files(user_data: dict[str, Any]) -> dict[str, str]:
    return {file["path"]: file["content"] for file in user_data["write_files"]}


@pytest.fixture
def host(user_data: dict[str, Any], aws: str, aws_cli: Path, tmp_path: Path) -> Host:
    disk, tools = tmp_path / "disk", tmp_path / "tools"
    for file in user_data["write_files"]:
        path = disk / file["path"].lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file["content"])
        path.chmod(int(file["permissions"], 8))
    tools.mkdir()
    (tools / "aws").symlink_to(aws_cli / "aws")
    for name in ("docker", "dnf", "systemctl"):
        (tools / name).write_text(STAND_IN)
        (tools / name).chmod(0o755)
    host = Host(disk, aws, tools)
    host.home.mkdir(parents=True)
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


def test_no_secret_is_in_the_user_data(applied: Terraform, raw_user_data: bytes) -> None:
    key = read_key(applied)
    assert key.encode() not in raw_user_data


def read_key(applied: Terraform) -> str:
    answer = applied.client("ssm").get_parameter(Name="/press-photos/api-key", WithDecryption=True)
    return str(answer["Parameter"]["Value"])


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
    assert service["WorkingDirectory"] == "/opt/photoseek"
    assert f"/etc/{service['ConfigurationDirectory']}/settings.env" in files
    assert service["Restart"] == "on-failure"
    assert unit["Install"]["WantedBy"] == "multi-user.target"
    assert user_data["runcmd"][-1][:2] == ["systemctl", "enable"]
    assert user_data["runcmd"][-1][-1] == "photoseek.service"


def test_dockers_settings_rotate_its_logs(files: dict[str, str]) -> None:
    assert json.loads(files["/etc/docker/daemon.json"]) == {"log-driver": "local"}


def test_the_host_fetches_the_program_and_the_key_and_starts(
    host: Host, applied: Terraform
) -> None:
    result = host.run("deploy.sh")
    assert result.returncode == 0, result.stderr
    assert (host.home / "app.py").read_bytes() == (ROOT / "app.py").read_bytes()
    assert (host.home / "app.py").stat().st_mode & 0o077 == 0o044  # else the image cannot read it
    assert host.calls == [
        "docker compose build",
        "docker compose up --detach --no-build --remove-orphans",
        "docker image prune --force",
    ]
    environment = host.settings / "photoseek.env"
    assert environment.stat().st_mode & 0o077 == 0
    assert f"PHOTOSEEK_API_KEY='{read_key(applied)}'" in environment.read_text()
    assert (host.home / ".env").resolve() == environment.resolve()


def test_the_settings_of_the_host_are_settings_of_photoseek(
    host: Host, applied: Terraform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert host.run("deploy.sh").returncode == 0
    monkeypatch.chdir(host.home)
    settings = load_settings()
    assert settings.index == f"s3://{BUCKET}/index"
    assert settings.uploads == f"s3://{BUCKET}/uploads"
    assert settings.source == f"s3://{BUCKET}/photos"
    assert settings.photo_roots == (f"s3://{BUCKET}/photos",)
    assert settings.allowed_hosts == (applied.outputs()["public_dns"],)
    assert settings.allowed_origins == ("https://a.example",)
    assert settings.keep == "original"
    assert settings.api_key_for == "all"
    assert settings.api_key
    assert settings.api_key.get_secret_value() == read_key(applied)
    text = (host.home / ".env").read_text()
    assert "\nTORCH='cpu'\n" in text
    assert "\nCOMPOSE_FILE='compose.yaml'\n" in text
    lines = [line.partition("=") for line in text.splitlines()]
    for name, _, value in lines:
        monkeypatch.setenv(name, value.strip("'"))  # as in a container
    assert load_settings() == settings  # and no name is unknown
    assert boto3.session.Session().region_name == REGION


def test_a_new_program_replaces_the_old_one(host: Host, applied: Terraform) -> None:
    assert host.run("deploy.sh").returncode == 0
    s3 = applied.s3
    s3.put_object(Bucket=BUCKET, Key="deploy/source/app.py", Body=b"# the next version\n")
    s3.put_object(Bucket=BUCKET, Key="deploy/source/infra/docker/install.sh", Body=b"#!/bin/sh\n")
    (host.home / "cli" / "gone.py").write_text("# of the last version")
    assert host.run("deploy.sh").returncode == 0
    assert (host.home / "app.py").read_text() == "# the next version\n"
    assert os.access(host.home / "infra" / "docker" / "install.sh", os.X_OK)
    assert not (host.home / "cli" / "gone.py").exists()
    assert (host.home / ".env").is_symlink()


def test_an_image_is_pulled_where_one_is_named(host: Host) -> None:
    place = host.settings / "place.env"
    assert "IMAGE=''\n" in place.read_text()
    place.write_text(place.read_text().replace("IMAGE=''", "IMAGE='ghcr.io/example/photoseek:1'"))
    assert host.run("deploy.sh").returncode == 0
    assert host.calls[:2] == [
        "docker pull --quiet ghcr.io/example/photoseek:1",
        "docker tag ghcr.io/example/photoseek:1 photoseek",
    ]


def test_what_does_not_come_leaves_the_running_program_alone(host: Host) -> None:
    assert host.run("deploy.sh").returncode == 0
    before = (host.settings / "photoseek.env").read_text()
    gone = replace(host, url="http://127.0.0.1:9")
    result = gone.run("deploy.sh", AWS_MAX_ATTEMPTS="1")
    assert result.returncode != 0
    assert not gone.calls  # systemd tries again
    assert (host.settings / "photoseek.env").read_text() == before
    broken = host.run("deploy.sh", REFUSED="compose")
    assert broken.returncode != 0
    assert host.calls == ["docker compose build"]  # and starts nothing that was not built


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
