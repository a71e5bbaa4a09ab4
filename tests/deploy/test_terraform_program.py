"""What Terraform sends of the program, and what it leaves at home."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

from tests.support.deploy.deployment import BUCKET, Deployment
from tests.support.deploy.terraform import NEEDS_TERRAFORM, ROOT, copy_project

pytestmark = NEEDS_TERRAFORM


def test_the_program_is_sent_and_nothing_else_of_this_machine(
    deployment: Deployment, tmp_path: Path
) -> None:
    folder = copy_project(tmp_path) / "infra" / "terraform"
    whole = replace(deployment.host, folder=folder)
    sent = set(whole.evaluate("local.source_files"))
    rooms = tuple(copied())
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    unused = re.compile(r"web/(tests/|.*\.md$)")  # .dockerignore leaves them out as well
    wanted = {path for path in listed if path.startswith(rooms) and (ROOT / path).is_file()}
    assert not {path for path in wanted - sent if not unused.match(path)}
    assert {"compose.yaml", "Dockerfile", ".dockerignore", "infra/caddy/Caddyfile"} <= sent
    strange = [
        path
        for path in sent
        if re.search(r"node_modules|__pycache__|^data|\.env|\.git|tfstate|^tests", path)
    ]
    assert not strange


def copied() -> set[str]:
    """What the Dockerfile copies of the project."""
    words = [
        word
        for line in re.findall(
            r"^COPY (?!--from)(.*) \S+$", (ROOT / "Dockerfile").read_text(), re.M
        )
        for word in line.split()
    ]
    assert "photoseek" in words
    return set(words)


def test_what_is_sent_lies_in_the_bucket_as_it_is_here(deployment: Deployment) -> None:
    project = deployment.project
    for path in ("compose.yaml", "Dockerfile", "flows/photoseek.yml"):
        answer = deployment.host.s3.get_object(Bucket=BUCKET, Key=f"deploy/source/{path}")
        assert answer["Body"].read() == (project / path).read_bytes()


def test_the_list_of_hashes_names_all_that_is_sent(deployment: Deployment, tmp_path: Path) -> None:
    s3 = deployment.host.s3
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="deploy/source/")["Contents"]
    keys = {entry["Key"].removeprefix("deploy/source/") for entry in listed}
    manifest = s3.get_object(Bucket=BUCKET, Key="deploy/source.sha256")["Body"].read()
    assert {line.split("  ", 1)[1] for line in manifest.decode().splitlines()} == keys
    (tmp_path / "source.sha256").write_bytes(manifest)
    check = ["sha256sum", "--check", "--strict", "--quiet", f"{tmp_path}/source.sha256"]
    project = deployment.project
    result = subprocess.run(check, cwd=project, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
