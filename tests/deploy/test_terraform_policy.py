"""The host's rights in the bucket are those that the program uses: it lacks none and has no other.

The real program works on a bucket through a proxy that notes what S3 is asked; each request is
translated into the action that AWS asks the role for.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatchcase
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from PIL import Image

from photoseek.client import Client
from photoseek.flow.process import FlowProcess
from photoseek.settings import load_settings
from tests.support.deploy.terraform import ACCOUNT, FOLDER, NEEDS_TERRAFORM, REGION, Terraform
from tests.support.s3 import ENVIRONMENT, Request, running_proxy
from tests.support.terminal import photoseek
from tests.support.web_server import running_server

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = [NEEDS_TERRAFORM, pytest.mark.timeout(900)]

BUCKET = f"rights-{ACCOUNT}-{REGION}"
PREFIXES = ("deploy", "index", "photos", "uploads")
UNSEEN = {
    # Only when the upload of something large breaks off.
    ("s3:AbortMultipartUpload", prefix)
    for prefix in ("index", "photos", "uploads")
}


@pytest.fixture(scope="module")
def statements(terraform: Terraform) -> list[dict[str, Any]]:
    terraform.s3.create_bucket(Bucket=BUCKET)
    planned = terraform.planned(
        "-var=name=rights", "-var=allowed_cidrs=[]", "-var=image=photoseek:1"
    )
    document = json.loads(planned['aws_iam_role_policy.host["bucket"]']["policy"])
    found: list[dict[str, Any]] = document["Statement"]
    assert all(statement["Effect"] == "Allow" for statement in found)
    return found


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def allowed(statements: list[dict[str, Any]], action: str, resource: str) -> bool:
    return any(
        action in as_list(statement["Action"])
        and any(fnmatchcase(resource, pattern) for pattern in as_list(statement["Resource"]))
        for statement in statements
    )


def actions_of(request: Request) -> set[tuple[str, str]]:
    """The actions that AWS checks for a request, each with its key ("" is the bucket).

    From "Actions, resources, and condition keys for Amazon S3" in AWS's Service Authorization
    Reference.
    """
    parts = urlsplit(request.path)
    bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
    assert bucket == BUCKET, request
    query = set(parse_qs(parts.query, keep_blank_values=True))
    if not key:
        return _of_bucket(request, query)
    found = {(_of_object(request, query), key)}
    if "x-amz-copy-source" in request.headers:
        source = unquote(request.headers["x-amz-copy-source"]).lstrip("/").partition("/")[2]
        found.add(("s3:GetObject", source))
    return found


def _of_bucket(request: Request, query: set[str]) -> set[tuple[str, str]]:
    if request.method == "HEAD" or (request.method == "GET" and "list-type" in query):
        return {("s3:ListBucket", "")}
    if request.method == "POST" and query == {"delete"}:
        keys = re.findall(r"<Key>(.*?)</Key>", request.body.decode())
        assert keys, request
        return {("s3:DeleteObject", unescape(key)) for key in keys}
    raise AssertionError(f"which action is this? {request}")


def _of_object(request: Request, query: set[str]) -> str:
    assert "versionId" not in query, request
    if request.method in ("GET", "HEAD") and "uploadId" not in query:
        return "s3:GetObject"
    if request.method in ("PUT", "POST") and not query & {"tagging", "acl", "delete"}:
        return "s3:PutObject"  # whole, or begun, in parts and completed
    if request.method == "DELETE":
        return "s3:AbortMultipartUpload" if "uploadId" in query else "s3:DeleteObject"
    raise AssertionError(f"which action is this? {request}")


@pytest.fixture(scope="module")
def used(
    terraform: Terraform,
    statements: list[dict[str, Any]],
    drawings: Path,
    aws_cli: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[set[tuple[str, str]]]:
    """Every action that was needed, with its key, after all that the host does with its bucket."""
    with running_proxy(terraform.url) as proxy, pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL": proxy.url}.items():
            patch.setenv(name, value)
        folder = tmp_path_factory.mktemp("work")
        patch.chdir(folder)
        fill(terraform.s3, drawings)
        fetch_program(aws_cli, folder)
        work(terraform.s3, drawings, folder)
        yield set().union(*map(actions_of, proxy.seen))


def fill(s3: S3Client, drawings: Path) -> None:
    for number, path in enumerate(sorted(drawings.parent.rglob("*.jpg"))[:24]):
        s3.put_object(Bucket=BUCKET, Key=f"photos/{number}.jpg", Body=path.read_bytes())
    s3.put_object(Bucket=BUCKET, Key="deploy/source/app.py", Body=b"# a program")
    s3.put_object(Bucket=BUCKET, Key="deploy/source.sha256", Body=b"its hash")


def fetch_program(aws_cli: Path, folder: Path) -> None:
    """The calls of infra/terraform/host/deploy.sh; test_host.py runs all of it."""
    script = (FOLDER / "host" / "deploy.sh").read_text()
    calls = [line.strip() for line in script.splitlines() if line.strip().startswith("aws s3 ")]
    assert len(calls) == 2
    subprocess.run(
        ["bash", "-euc", "\n".join(calls)],
        cwd=folder,
        env=os.environ
        | {
            "PATH": f"{aws_cli}:{os.environ['PATH']}",
            "REGION": REGION,
            "SOURCE": f"s3://{BUCKET}/deploy/source",
        },
        check=True,
        capture_output=True,
    )
    assert (folder / "incoming" / "app.py").read_text() == "# a program"
    assert (folder / "incoming.sha256").read_text() == "its hash"


def work(s3: S3Client, drawings: Path, folder: Path) -> None:
    """Index, search, look, hand in, take out, prune, tidy up, download, as on the host."""
    source = f"s3://{BUCKET}/photos"
    settings = load_settings(
        index=f"s3://{BUCKET}/index",
        uploads=f"s3://{BUCKET}/uploads",
        photo_roots=[source],
        model="demo",
        keep="original",
    )
    with FlowProcess(settings, private=True) as flow, Client(flow.url) as client:
        run = Run(flow, folder)
        run("-t", "index", "--source", source)
        found = client.search("red car", top_k=5).hits
        assert len(found) == 5
        for hit in found:
            assert client.thumbnail(hit.stored.photo.id)
            assert hit.link is not None
            assert httpx.get(hit.link).status_code == 200  # signed with the role's rights
        assert client.original(found[0].stored.photo.id)
        hand_in_and_take_out(flow.url)
        s3.delete_object(Bucket=BUCKET, Key="photos/0.jpg")  # by the user, not by the host
        run("-t", "index", "--source", source, "--prune")
        client.maintain()
        run("-t", "status")
        download(run, drawings, folder, source)


class Run:
    """photoseek as the host's jobs run it: through the gateway that runs."""

    def __init__(self, flow: FlowProcess, folder: Path) -> None:
        self.environment = flow.settings.to_environment()
        self.folder = folder

    def __call__(self, *arguments: str | Path) -> None:
        result = photoseek(*arguments, environment=self.environment, cwd=self.folder)
        assert result.returncode == 0, f"{arguments}\n{result.stdout}\n{result.stderr}"


def hand_in_and_take_out(url: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), (200, 30, 30)).save(file, "JPEG")
    answer = httpx.post(
        f"{url}/api/photos", files={"file": ("wall.jpg", file.getvalue())}, timeout=60
    )
    assert answer.status_code == 201, answer.text
    photo = answer.json()["id"]
    original = httpx.get(f"{url}/api/photos/{photo}/original", follow_redirects=True, timeout=60)
    assert original.status_code == 200
    assert httpx.delete(f"{url}/api/photos/{photo}", timeout=60).status_code < 300


def download(run: Run, drawings: Path, folder: Path, target: str) -> None:
    picture = sorted(drawings.parent.rglob("*.jpg"))[30].read_bytes()

    def route(handler: Any) -> None:
        handler.answer(200, picture, Content_Type="image/jpeg")

    with running_server({"/photo.jpg": route}) as server:
        path = folder / "urls.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([["url"], [f"{server.url}/photo.jpg"]])
        run("-t", "download", "--source", path, "--to", target, "--allow-private-addresses")


def test_the_role_may_do_all_that_the_host_does(
    statements: list[dict[str, Any]], used: set[tuple[str, str]]
) -> None:
    arn = f"arn:aws:s3:::{BUCKET}"
    refused = {
        (action, key)
        for action, key in used
        if not allowed(statements, action, f"{arn}/{key}" if key else arn)
    }
    assert not refused


def test_the_role_may_do_nothing_that_the_host_does_not(
    statements: list[dict[str, Any]], used: set[tuple[str, str]]
) -> None:
    granted = {
        (action, resource.removeprefix(f"arn:aws:s3:::{BUCKET}").strip("/*"))
        for statement in statements
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }
    needed = {(action, key.partition("/")[0]) for action, key in used}
    assert granted - needed == UNSEEN
    assert {prefix for _, prefix in granted} == {"", *PREFIXES}


def test_what_can_be_changed_is_never_what_is_built_next(
    statements: list[dict[str, Any]],
) -> None:
    arn = f"arn:aws:s3:::{BUCKET}/deploy/source/app.py"
    for action in ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"):
        assert not allowed(statements, action, arn)
