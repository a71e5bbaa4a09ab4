"""The cloud as Terraform makes it, each resource read back as AWS has it."""

from __future__ import annotations

import base64
import json
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from moto.ssm.models import ssm_backends

from tests.support.deploy.terraform import (
    ACCOUNT,
    LINUX_IMAGE,
    NEEDS_TERRAFORM,
    REGION,
    ROOT,
    Terraform,
    copy_project,
)

pytestmark = [NEEDS_TERRAFORM, pytest.mark.timeout(900)]

DEPLOY = "/usr/local/lib/photoseek/deploy.sh"
BUCKET = f"photoseek-{ACCOUNT}-{REGION}"
VARIABLES = (
    '-var=allowed_cidrs=["203.0.113.0/24", "2001:db8::/32"]',
    "-var=host_name=photos.example.org",
    "-var=log_days=7",
)


@dataclass(frozen=True)
class Deployment:
    host: Terraform
    bucket: Terraform
    outputs: dict[str, str]

    @property
    def instance(self) -> dict[str, Any]:
        answer = self.host.client("ec2").describe_instances(
            Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
        )
        (instance,) = [i for r in answer["Reservations"] for i in r["Instances"]]
        found: dict[str, Any] = instance
        return found


@pytest.fixture(scope="module")
def deployment(terraform: Terraform) -> Deployment:
    bucket = Terraform(terraform.folder / "bucket", terraform.url)
    bucket.init()
    bucket.apply()
    terraform.apply(*VARIABLES)
    return Deployment(terraform, bucket, terraform.outputs())


@pytest.mark.parametrize("folder", ["", "bucket"])
def test_the_configuration_is_formatted_and_valid(terraform: Terraform, folder: str) -> None:
    assert terraform.succeed("fmt", "-check", "-recursive", "-diff") == ""
    configuration = Terraform(terraform.folder / folder, terraform.url)
    configuration.init()
    assert json.loads(configuration.succeed("validate", "-json"))["diagnostics"] == []


def test_the_bucket_is_private_encrypted_and_keeps_versions(deployment: Deployment) -> None:
    s3 = deployment.host.s3
    assert deployment.outputs["bucket"] == BUCKET
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert set(
        s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].items()
    ) == {
        ("BlockPublicAcls", True),
        ("BlockPublicPolicy", True),
        ("IgnorePublicAcls", True),
        ("RestrictPublicBuckets", True),
    }
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    (owner,) = s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]["Rules"]
    assert owner["ObjectOwnership"] == "BucketOwnerEnforced"


def test_the_bucket_removes_old_versions_and_unfinished_uploads(deployment: Deployment) -> None:
    answer = deployment.host.s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)
    rules = {rule["ID"]: rule for rule in answer["Rules"]}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    old = rules["remove-old-versions"]
    assert old["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    assert old["Expiration"] == {"ExpiredObjectDeleteMarker": True}  # photos never expire
    unfinished = rules["remove-unfinished-uploads"]
    assert unfinished["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7
    assert "Expiration" not in unfinished


def test_the_bucket_refuses_what_comes_without_tls(deployment: Deployment) -> None:
    policy = json.loads(deployment.host.s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    (statement,) = policy["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Action"] == "s3:*"
    assert statement["Principal"] == "*"
    assert set(statement["Resource"]) == {f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"}
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_host_is_what_it_should_be(deployment: Deployment) -> None:
    instance = deployment.instance
    assert instance["InstanceType"] == "m7i-flex.large"
    parameters = deployment.host.client("ssm")
    assert instance["ImageId"] == parameters.get_parameter(Name=LINUX_IMAGE)["Parameter"]["Value"]
    assert instance["EbsOptimized"]
    assert "KeyName" not in instance
    assert instance["PublicIpAddress"] == deployment.outputs["public_ip"]
    assert {tag["Key"]: tag["Value"] for tag in instance["Tags"]} == {
        "Name": "photoseek",
        "Project": "photoseek",
    }
    options = instance["MetadataOptions"]
    assert options["HttpTokens"] == "required"
    assert options["HttpPutResponseHopLimit"] == 2
    (disk,) = instance["BlockDeviceMappings"]
    ec2 = deployment.host.client("ec2")
    (volume,) = ec2.describe_volumes(VolumeIds=[disk["Ebs"]["VolumeId"]])["Volumes"]
    assert (volume["VolumeType"], volume["Size"], volume["Encrypted"]) == ("gp3", 30, True)


def test_the_address_stays(deployment: Deployment) -> None:
    (address,) = deployment.host.client("ec2").describe_addresses()["Addresses"]
    assert address["PublicIp"] == deployment.outputs["public_ip"]
    assert address["InstanceId"] == deployment.instance["InstanceId"]
    assert deployment.outputs["url"] == "https://photos.example.org"


def test_only_the_web_is_open_and_only_to_those_who_are_named(deployment: Deployment) -> None:
    ec2 = deployment.host.client("ec2")
    (group,) = deployment.instance["SecurityGroups"]
    (found,) = ec2.describe_security_groups(GroupIds=[group["GroupId"]])["SecurityGroups"]
    assert openings(found["IpPermissions"]) == {
        (80, "0.0.0.0/0"),  # certificates, and the way to HTTPS
        (80, "::/0"),
        (443, "203.0.113.0/24"),
        (443, "2001:db8::/32"),
    }
    assert openings(found["IpPermissionsEgress"]) == {(80, "0.0.0.0/0"), (443, "0.0.0.0/0")}


def openings(permissions: list[dict[str, Any]]) -> set[tuple[int, str]]:
    assert all(permission["IpProtocol"] == "tcp" for permission in permissions)
    assert all(permission["FromPort"] == permission["ToPort"] for permission in permissions)
    return {
        (permission["FromPort"], cidr)
        for permission in permissions
        for cidr in (
            *(r["CidrIp"] for r in permission["IpRanges"]),
            *(r["CidrIpv6"] for r in permission["Ipv6Ranges"]),
        )
    }


def test_the_role_may_use_its_bucket_its_key_its_logs_and_no_more(deployment: Deployment) -> None:
    iam = deployment.host.client("iam")
    profile = deployment.instance["IamInstanceProfile"]["Arn"].rpartition("/")[2]
    (role,) = iam.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]["Roles"]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
        }
    ]
    name = role["RoleName"]
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    assert sorted(names) == ["bucket", "key", "logs", "session"]
    for policy in names:
        document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for statement in document["Statement"]:
            assert statement["Effect"] == "Allow"
            check_resources(policy, as_list(statement["Resource"]), as_list(statement["Action"]))


def check_resources(policy: str, resources: list[str], actions: list[str]) -> None:
    allowed = {
        "bucket": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/?*/[*]"],
        "key": [f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/photoseek/api-key"],
        "logs": [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/photoseek/containers:[*]"],
        "session": ["[*]"],
    }[policy]
    assert all(any(fnmatch(resource, text) for text in allowed) for resource in resources)
    assert not any("*" in action for action in actions)
    services = {action.partition(":")[0] for action in actions}
    assert policy != "session" or services == {"ec2messages", "ssm", "ssmmessages"}
    assert policy != "session" or not any("Parameter" in action for action in actions)


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_the_key_is_strong_and_in_parameter_store_alone(deployment: Deployment) -> None:
    key = read_key(deployment)
    assert re.fullmatch(r"[A-Za-z0-9]{48}", key)
    ssm = deployment.host.client("ssm")
    assert ssm.get_parameter(Name="/photoseek/api-key")["Parameter"]["Type"] == "SecureString"
    state = (deployment.host.folder / "terraform.tfstate").read_text()
    assert "/photoseek/api-key" in state
    assert key not in state


def read_key(deployment: Deployment) -> str:
    ssm = deployment.host.client("ssm")
    answer = ssm.get_parameter(Name="/photoseek/api-key", WithDecryption=True)
    return str(answer["Parameter"]["Value"])


def test_logs_go_to_cloudwatch_where_that_is_asked_for(deployment: Deployment) -> None:
    (group,) = deployment.host.client("logs").describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == ("/photoseek/containers", 7)
    ec2 = deployment.host.client("ec2")
    answer = ec2.describe_instance_attribute(
        InstanceId=deployment.instance["InstanceId"], Attribute="userData"
    )
    data = yaml.safe_load(base64.b64decode(answer["UserData"]["Value"]))
    (daemon,) = [f for f in data["write_files"] if f["path"] == "/etc/docker/daemon.json"]
    options = json.loads(daemon["content"])["log-opts"]
    assert options["awslogs-group"] == "/photoseek/containers"
    assert options["mode"] == "non-blocking"  # else what writes waits while CloudWatch is away


def test_the_program_is_sent_and_nothing_else_of_this_machine(
    deployment: Deployment, tmp_path: Path
) -> None:
    whole = Terraform(copy_project(tmp_path) / "infra" / "terraform", deployment.host.url)
    whole.init()
    planned = whole.planned(*VARIABLES)
    sent = {
        values["key"].removeprefix("deploy/source/")
        for address, values in planned.items()
        if address.startswith("aws_s3_object.source[")
    }
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


def test_what_is_sent_lies_in_the_bucket_as_it_is_here(deployment: Deployment) -> None:
    project = deployment.host.folder.parents[1]
    for path in ("compose.yaml", "Dockerfile", "photoseek.photoseek/cli/main.py"):
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
    project = deployment.host.folder.parents[1]
    result = subprocess.run(check, cwd=project, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


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


def test_a_second_apply_changes_nothing(deployment: Deployment) -> None:
    assert "No changes." in deployment.host.apply(*VARIABLES)
    assert "No changes." in deployment.bucket.apply()


def shell(deployment: Deployment, aws_cli: Path, script: str) -> str:
    environment = deployment.host.environment
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=deployment.host.folder,
        env=environment | {"PATH": f"{aws_cli}:{environment['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{script}\n{result.stderr}"
    return result.stdout.strip()


def test_the_commands_can_be_run_as_they_are(deployment: Deployment, aws_cli: Path) -> None:
    """Those for sessions need a plugin of the AWS command line; their words are looked at."""
    outputs = deployment.host.outputs()
    instance = deployment.instance["InstanceId"]
    assert shell(deployment, aws_cli, outputs["api_key_command"]) == read_key(deployment)
    for name, said in {
        "index_command": "cd /opt/photoseek/current && docker compose run --rm --no-TTY index",
        "upgrade_command": f"{DEPLOY} upgrade && systemctl start photoseek",
        "rollback_command": f"{DEPLOY} rollback && systemctl start photoseek",
    }.items():
        run = shell(deployment, aws_cli, outputs[name])
        (command,) = deployment.host.client("ssm").list_commands(CommandId=run)["Commands"]
        assert command["DocumentName"] == "AWS-RunShellScript"
        assert command["InstanceIds"] == [instance]
        assert command["Parameters"]["commands"] == [said]
    session = ["aws", "ssm", "start-session", "--region", REGION, "--target", instance]
    assert shlex.split(outputs["session_command"]) == session
    assert shlex.split(outputs["tunnel_command"]) == [
        *session,
        *("--document-name", "AWS-StartPortForwardingSession"),
        *("--parameters", "portNumber=8080,localPortNumber=8080"),
    ]


@pytest.mark.slow
def test_deleted_photos_come_back(deployment: Deployment, aws_cli: Path) -> None:
    """With the commands of docs/deploy.md."""
    s3 = deployment.host.s3
    keys = {"photos/a beach.jpg", "photos/2026/boat.jpg"}
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"a photo")
        s3.delete_object(Bucket=BUCKET, Key=key)
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="photos/")
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```bash\n(bucket=.*?)^```", text, re.DOTALL | re.MULTILINE)
    shell(deployment, aws_cli, script)
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix="photos/")["Contents"]
    assert {entry["Key"] for entry in found} == keys
    for key in keys:
        answer = s3.get_object(Bucket=BUCKET, Key=key)
        assert answer["Body"].read() == b"a photo"
        # For good: this server fails on delete markers where versions are kept no more.
        s3.delete_object(Bucket=BUCKET, Key=key, VersionId=answer["VersionId"])


@pytest.mark.slow
def test_a_new_key_is_made_when_it_is_asked_for(deployment: Deployment) -> None:
    before = read_key(deployment)
    deployment.host.apply(*VARIABLES, "-var=api_key_version=2")
    after = read_key(deployment)
    assert before != after
    deployment.host.apply(*VARIABLES, "-var=api_key_version=2")
    assert read_key(deployment) == after
    deployment.host.apply(*VARIABLES)


@pytest.mark.slow
def test_a_newer_amazon_linux_comes_only_when_it_is_asked_for(deployment: Deployment) -> None:
    before = deployment.instance
    newest = ssm_backends[ACCOUNT][REGION]._parameters[LINUX_IMAGE][-1]
    images = deployment.host.client("ec2").describe_images(Owners=["amazon"])["Images"]
    new = next(image["ImageId"] for image in images if image["ImageId"] != before["ImageId"])
    assert before["ImageId"] == newest.value
    newest.value = new
    try:
        assert "No changes." in deployment.host.apply(*VARIABLES)
        deployment.host.apply(*VARIABLES, "-replace=aws_instance.host")
        after = deployment.instance
        assert after["InstanceId"] != before["InstanceId"]
        assert after["ImageId"] == new
        assert after["PublicIpAddress"] == before["PublicIpAddress"]
    finally:
        newest.value = before["ImageId"]


def test_destroy_keeps_the_photos_and_the_next_apply_finds_them(deployment: Deployment) -> None:
    s3 = deployment.host.s3
    for key in ("photos/beach.jpg", "index/photos.lance/data"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    image = "-var=image=ghcr.io/example/photoseek:1.0"
    deployment.host.succeed("destroy", "-auto-approve", "-no-color", *VARIABLES)
    assert deployment.host.succeed("state", "list") == ""
    left = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert {entry["Key"] for entry in left} == {"photos/beach.jpg", "index/photos.lance/data"}
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    deployment.host.apply(*VARIABLES, image)
    assert deployment.host.outputs()["bucket"] == BUCKET
    deployment.host.succeed("destroy", "-auto-approve", "-no-color", *VARIABLES, image)


def test_the_bucket_goes_only_after_a_second_word(deployment: Deployment) -> None:
    s3 = deployment.host.s3
    s3.put_object(Bucket=BUCKET, Key="photos/beach.jpg", Body=b"another version")
    refused = deployment.bucket.run("destroy", "-auto-approve", "-no-color")
    assert refused.returncode == 1
    assert "lifecycle.prevent_destroy" in refused.stderr
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert s3.get_bucket_policy(Bucket=BUCKET)["Policy"]  # nothing was touched

    folder = deployment.bucket.folder
    shutil.copy(folder / "delete.tf.example", folder / "delete_override.tf")
    deployment.bucket.apply()
    deployment.bucket.succeed("destroy", "-auto-approve", "-no-color")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert BUCKET not in names
