"""The host's rights in the bucket are those that the program uses: it lacks none and has no other.

Each request of the real program to S3 is translated into the action that AWS asks the role for.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from html import unescape
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.support.deploy.deployment import BUCKET, Deployment
from tests.support.deploy.host_work import Work
from tests.support.deploy.terraform import NEEDS_TERRAFORM
from tests.support.s3 import Request

pytestmark = NEEDS_TERRAFORM

PREFIXES = ("deploy", "index", "photos", "uploads")
UNSEEN = {
    # Only when the upload of something large breaks off.
    ("s3:AbortMultipartUpload", prefix)
    for prefix in ("index", "photos", "uploads")
}


@pytest.fixture(scope="module")
def statements(deployment: Deployment) -> list[dict[str, Any]]:
    answer = deployment.host.client("iam").get_role_policy(
        RoleName=deployment.role, PolicyName="bucket"
    )
    found: list[dict[str, Any]] = answer["PolicyDocument"]["Statement"]
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
def used(host_work: Work) -> set[tuple[str, str]]:
    """Every action that was needed, with its key, for all that the host does with its bucket."""
    return set().union(*map(actions_of, host_work.requests))


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
