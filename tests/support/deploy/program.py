"""The program in a bucket and the key in Parameter Store, for a real engine's host."""

from __future__ import annotations

import hashlib
from pathlib import Path

import boto3

from tests.support.deploy.terraform import REGION
from tests.support.s3 import ENVIRONMENT

BUCKET = "program"
BUILT = ("Dockerfile", ".dockerignore", "LICENSE", "requirements.txt", "app.py", "compose.yaml")
ROOMS = ("executors", "flows", "infra/caddy", "infra/docker", "photoseek", "web")


class Program:
    """What Terraform would have sent to the bucket, and the key."""

    def __init__(self, url: str, project: Path, key: str) -> None:
        session = boto3.session.Session(
            ENVIRONMENT["AWS_ACCESS_KEY_ID"], ENVIRONMENT["AWS_SECRET_ACCESS_KEY"]
        )
        self._s3 = session.client("s3", endpoint_url=url, region_name=REGION)
        self._s3.create_bucket(Bucket=BUCKET)
        ssm = session.client("ssm", endpoint_url=url, region_name=REGION)
        ssm.put_parameter(Name="/key", Value=key, Type="SecureString")
        files = [project / name for name in BUILT]
        files += [path for room in ROOMS for path in (project / room).rglob("*") if path.is_file()]
        self.files = {
            str(path.relative_to(project)): path.read_bytes()
            for path in files
            if not {"node_modules", "tests", "__pycache__"} & {*path.parts[len(project.parts) :]}
        }
        self._sent: dict[str, bytes] = {}

    def send(self, changed: dict[str, bytes] | None = None) -> None:
        """The program with some files changed; what was changed before is as it was."""
        wanted = self.files | (changed or {})
        for name, body in wanted.items():
            if self._sent.get(name) != body:
                self._s3.put_object(Bucket=BUCKET, Key=f"deploy/source/{name}", Body=body)
        self._sent = wanted
        lines = (f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in wanted.items())
        manifest = "".join(lines).encode()
        self._s3.put_object(Bucket=BUCKET, Key="deploy/source.sha256", Body=manifest)
