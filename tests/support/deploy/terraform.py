"""Terraform as people run it: on a copy of the project, against an AWS server on this machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

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
NEEDS_TERRAFORM = [
    pytest.mark.skipif(EXECUTABLE is None, reason="there is no terraform on the PATH"),
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("terraform"),  # one worker, so that one deployment is enough
]

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
    """One folder with a configuration, and the AWS server that it is applied to.

    `provider` leads to an AWS provider that runs already, `variables` are the configuration's own.
    """

    folder: Path
    url: str
    provider: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        strange = ("TF_", "AWS_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
        return {
            **kept,
            **ENVIRONMENT,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CHECKPOINT_DISABLE": "1",  # does not ask for a newer Terraform
            **({"TF_REATTACH_PROVIDERS": self.provider} if self.provider else {}),
            **{f"TF_VAR_{name}": value for name, value in self.variables.items()},
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
            env=self.environment,
        )

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

    def evaluate(self, expression: str, *arguments: str) -> Any:
        """What an expression stands for, as far as that is known without AWS."""
        said = self.succeed("console", *arguments, stdin=f"jsonencode({expression})\n")
        return json.loads(json.loads(said))

    def outputs(self) -> dict[str, str]:
        answer = json.loads(self.succeed("output", "-json"))
        return {name: output["value"] for name, output in answer.items()}

    def client(self, service: str) -> Any:
        return _client(service, self.url)

    @property
    def s3(self) -> S3Client:
        client: S3Client = self.client("s3")
        return client


@cache
def _client(service: str, url: str) -> Any:
    """Kept, since boto3 takes half a second to make one."""
    return boto3.session.Session(
        ENVIRONMENT["AWS_ACCESS_KEY_ID"], ENVIRONMENT["AWS_SECRET_ACCESS_KEY"]
    ).client(service, endpoint_url=url, region_name=REGION)  # type: ignore[call-overload]


@contextmanager
def running_provider(host: Terraform) -> Iterator[str]:
    """An AWS provider that all commands share: its 700 MB take seconds to check and to start.

    It is found as `terraform init` finds it, and runs in the host's folder, whose files it reads.
    """
    finder = Terraform(host.folder / "bucket", host.url)
    finder.init()
    (program,) = finder.folder.glob(".terraform/providers/*/hashicorp/aws/*/*/*provider-aws*")
    process = subprocess.Popen(
        [program, "-debug"],
        cwd=host.folder,
        env=host.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout
        try:
            said = ""
            while not (found := re.search(r"TF_REATTACH_PROVIDERS='(.*)'", said)):
                line = process.stdout.readline()
                assert line, f"{program} has ended: {said}"
                said += line
            yield found[1]
        finally:
            process.send_signal(signal.SIGINT)


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
    from moto.ssm.models import ssm_backends  # EC2's tables take a second to import

    parameters = ssm_backends[ACCOUNT][REGION]._parameters
    parameter = copy(parameters[LINUX_IMAGE][-1])
    parameter.name, parameter.value = GPU_IMAGE, value
    parameters[GPU_IMAGE].append(parameter)


@contextmanager
def unenforced_bucket_policies() -> Iterator[None]:
    """The server keeps bucket policies but leaves out their conditions, so that a policy which
    refuses what comes without TLS refuses everything.
    """
    from moto.iam.access_control import PermissionResult  # what IAM signs with takes time to import
    from moto.s3.models import FakeBucket

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)
        yield
