"""What the tests of the infrastructure share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.deploy.manifests import FOLDER, Cluster, copy_site, render
from tests.support.deploy.terraform import Terraform, copy_project, unenforced_bucket_policies
from tests.support.s3 import running_s3

AWS_CLI = "awscli==1.46.2"
"""In an environment of its own, because it wants another botocore than we have."""


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """The URL of a server that answers as AWS does: EC2, IAM, S3, Parameter Store and others."""
    with running_s3() as url, unenforced_bucket_policies():
        yield url


@pytest.fixture(scope="module")
def terraform(aws: str, tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """The host's configuration beside a part of the program, which is sent sooner; not applied."""
    project = copy_project(tmp_path_factory.mktemp("project"), ["web"])
    host = Terraform(project / "infra" / "terraform", aws)
    host.init()
    return host


@pytest.fixture(scope="session")
def aws_cli(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the PATH with the real AWS command line as `aws`."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "aws"
    program.write_text(
        f'#!/bin/sh\nexec {sys.executable} -m uv tool run --from {AWS_CLI} aws "$@"\n'
    )
    program.chmod(0o755)
    result = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip(f"the AWS command line is not to be had: {result.stderr[-300:]}")
    return folder


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return render(FOLDER / "site")


@pytest.fixture(
    params=[(), ("keys",), ("gpu",), ("keys", "gpu")], ids=lambda names: "+".join(names)
)
def variant(request: pytest.FixtureRequest, tmp_path: Path) -> Cluster:
    return render(copy_site(tmp_path / "kubernetes", components=request.param))
