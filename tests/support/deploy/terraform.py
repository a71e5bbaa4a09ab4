"""Terraform as people run it: on a copy of the project, against an AWS server on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket
from moto.ssm.models import ssm_backends

from tests.support.s3 import ENVIRONMENT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "infra" / "terraform"
ACCOUNT = "123456789012"
REGION = "us-east-1"
LINUX_IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
GPU_IMAGE = (
    "/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-amazon-linux-2023"
    "/latest/ami-id"
)
EXECUTABLE = shutil.which("terraform")
NEEDS_TERRAFORM = pytest.mark.skipif(EXECUTABLE is None, reason="there is no terraform on the PATH")

_PLUGINS = (
    "~/.terraform.d/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    *map(str, Path("/opt").glob("*")),
)


def plugins() -> list[str]:
    """How `init` finds the AWS provider on this machine; else it fetches one."""
    for name in (os.environ.get("TF_PLUGIN_DIR"), *_PLUGINS):
        folder = Path(name).expanduser() if name else None
        if folder and any(folder.glob("*/*/aws/*/*/terraform-provider-aws*")):
            return [f"-plugin-dir={folder}"]
    return []


@dataclass(frozen=True)
class Terraform:
    """One folder with a configuration, and the AWS server that it is applied to."""

    folder: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
        return {
            **kept,
            **ENVIRONMENT,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "CHECKPOINT_DISABLE": "1",  # does not ask for a newer Terraform
        }

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        assert EXECUTABLE
        return subprocess.run(
            [EXECUTABLE, f"-chdir={self.folder}", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
            env=self.environment | self._trust(arguments[0]),
        )

    def _trust(self, command: str) -> dict[str, str]:
        """Only `init` and `validate` check the provider's 700 MB, which takes seconds each time."""
        providers = list(self.folder.glob(".terraform/providers/*/hashicorp/aws/*/*/"))
        if command in ("init", "validate") or not providers:
            return {}
        configuration = self.folder / ".terraform" / "trust.tfrc"
        overrides = f'dev_overrides {{ "hashicorp/aws" = "{providers[0]}" }}'
        configuration.write_text(f"provider_installation {{\n{overrides}\ndirect {{}}\n}}\n")
        return {"TF_CLI_CONFIG_FILE": str(configuration)}

    def succeed(self, *arguments: str, stdin: str = "") -> str:
        result = self.run(*arguments, stdin=stdin)
        assert result.returncode == 0, f"{arguments}\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def init(self) -> None:
        result = self.run("init", "-input=false", "-no-color", *plugins())
        if result.returncode and not plugins():
            pytest.skip(f"the AWS provider is not to be had: {result.stderr[-300:]}")
        assert result.returncode == 0, result.stderr

    def apply(self, *arguments: str) -> str:
        return self.succeed("apply", "-auto-approve", "-input=false", "-no-color", *arguments)

    def planned(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """What would be made, by address."""
        self.succeed("plan", "-input=false", "-no-color", "-out=plan", *arguments)
        plan = json.loads(self.succeed("show", "-json", "plan"))
        resources = plan["planned_values"]["root_module"]["resources"]
        return {resource["address"]: resource["values"] for resource in resources}

    def outputs(self) -> dict[str, str]:
        answer = json.loads(self.succeed("output", "-json"))
        return {name: output["value"] for name, output in answer.items()}

    def client(self, service: str) -> Any:
        return boto3.session.Session(
            ENVIRONMENT["AWS_ACCESS_KEY_ID"], ENVIRONMENT["AWS_SECRET_ACCESS_KEY"]
        ).client(service, endpoint_url=self.url, region_name=REGION)  # type: ignore[call-overload]

    @property
    def s3(self) -> S3Client:
        client: S3Client = self.client("s3")
        return client


ROOMS = ("executors", "flows", "photoseek", "web")


def copy_project(target: Path, rooms: Sequence[str] = ROOMS) -> Path:
    """The project as somebody has it who works with it, with what must not leave their machine."""
    for path in ROOT.iterdir():
        if path.is_dir():
            if path.name not in (*rooms, "infra"):
                continue
            ignored = shutil.ignore_patterns("node_modules", "dist", ".terraform*", "*.tfstate*")
            shutil.copytree(path, target / path.name, ignore=ignored)
        else:
            shutil.copy(path, target)
    for name in (
        "web/node_modules/react/index.js",
        "photoseek/__pycache__/main.pyc",
        "data/photo.jpg",
    ):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text("of no use to the host")
    (target / ".env").write_text("PHOTOSEEK_PEXELS_API_KEY=a-secret-of-the-user\n")
    return target


def put_gpu_image(value: str) -> None:
    """The server knows Amazon Linux by itself, and not the image with NVIDIA's driver."""
    parameters = ssm_backends[ACCOUNT][REGION]._parameters
    parameter = copy(parameters[LINUX_IMAGE][-1])
    parameter.name, parameter.value = GPU_IMAGE, value
    parameters[GPU_IMAGE].append(parameter)


@contextmanager
def unenforced_bucket_policies() -> Iterator[None]:
    """The server keeps bucket policies but leaves out their conditions, so that a policy which
    refuses what comes without TLS refuses everything.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)
        yield
