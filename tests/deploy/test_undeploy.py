"""What becomes of a deployment: other keys, newer systems, other variables, and its end.

The last file by its name, since it changes what the others read.
"""

from __future__ import annotations

import json
import re
import shutil

import pytest
import yaml

from photoseek.events.worker import MOST_TAKEN
from tests.support.deploy.deployment import BUCKET, NAME, Deployment
from tests.support.deploy.terraform import ACCOUNT, LINUX_IMAGE, NEEDS_TERRAFORM, REGION, ROOT

pytestmark = NEEDS_TERRAFORM

LOGS = f"/{NAME}/containers"
DESTROY = ("destroy", "-auto-approve", "-no-color", "-refresh=false")
"""Without looking first whether all is as it was left."""
OTHERS = (
    "-var=host_name=photos.example.org",
    "-var=image=ghcr.io/example/photoseek:1.0",
    "-var=log_days=7",
    "-var=queue=true",
)


@pytest.mark.slow
def test_deleted_photos_come_back(deployment: Deployment) -> None:
    """With the commands of docs/deploy.md."""
    s3 = deployment.host.s3
    keys = {"photos/a beach.jpg", "photos/2026/boat.jpg"}
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"a photo")
        s3.delete_object(Bucket=BUCKET, Key=key)
    assert keys.isdisjoint(photos(deployment))
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```bash\n(bucket=.*?)^```", text, re.DOTALL | re.MULTILINE)
    deployment.shell(script)
    assert keys <= photos(deployment)
    for key in keys:
        answer = s3.get_object(Bucket=BUCKET, Key=key)
        assert answer["Body"].read() == b"a photo"
        # For good: this server fails on delete markers where versions are kept no more.
        s3.delete_object(Bucket=BUCKET, Key=key, VersionId=answer["VersionId"])


def photos(deployment: Deployment) -> set[str]:
    listed = deployment.host.s3.list_objects_v2(Bucket=BUCKET, Prefix="photos/")["Contents"]
    return {entry["Key"] for entry in listed}


@pytest.mark.slow
def test_a_new_key_is_made_when_it_is_asked_for(deployment: Deployment) -> None:
    before = deployment.key
    deployment.host.apply("-var=api_key_version=2")
    after = deployment.key
    assert before != after
    deployment.host.apply("-var=api_key_version=2")
    assert deployment.key == after
    deployment.host.apply()


@pytest.mark.slow
def test_a_newer_amazon_linux_comes_only_when_it_is_asked_for(deployment: Deployment) -> None:
    from moto.ssm.models import ssm_backends  # EC2's tables take a second to import

    before = deployment.instance
    newest = ssm_backends[ACCOUNT][REGION]._parameters[LINUX_IMAGE][-1]
    images = deployment.host.client("ec2").describe_images(Owners=["amazon"])["Images"]
    new = next(image["ImageId"] for image in images if image["ImageId"] != before["ImageId"])
    assert before["ImageId"] == newest.value
    newest.value = new
    try:
        assert "No changes." in deployment.host.apply()
        deployment.host.apply("-replace=aws_instance.host")
        after = deployment.instance
        assert after["InstanceId"] != before["InstanceId"]
        assert after["ImageId"] == new
        assert after["PublicIpAddress"] == before["PublicIpAddress"]
    finally:
        newest.value = before["ImageId"]


@pytest.fixture(scope="module")
def left(deployment: Deployment) -> set[str]:
    """What is in the bucket after `terraform destroy` has taken the host away."""
    for key in ("photos/beach.jpg", "index/photos.lance/data"):
        deployment.host.s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    deployment.host.succeed(*DESTROY)
    assert deployment.host.succeed("state", "list") == ""
    contents = deployment.host.s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    return {entry["Key"] for entry in contents}


def test_destroy_keeps_the_photos(deployment: Deployment, left: set[str]) -> None:
    assert {"photos/beach.jpg", "index/photos.lance/data"} <= left
    assert {key.partition("/")[0] for key in left} == {"index", "photos"}
    s3 = deployment.host.s3
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]


@pytest.fixture(scope="module")
def again(deployment: Deployment, left: set[str]) -> dict[str, str]:
    """The outputs of a second host, from an image, with HTTPS, logs in CloudWatch and a queue."""
    deployment.host.apply(*OTHERS)
    return deployment.host.outputs()


def test_the_next_host_finds_the_photos(deployment: Deployment, again: dict[str, str]) -> None:
    assert again["bucket"] == BUCKET
    assert again["public_dns"] in deployment.user_data.decode()


def test_a_name_of_its_own_brings_https_for_those_who_are_named(
    deployment: Deployment, again: dict[str, str]
) -> None:
    assert again["url"] == "https://photos.example.org"
    assert deployment.openings("IpPermissions") == {
        (80, "0.0.0.0/0"),  # certificates, and the way to HTTPS
        (80, "::/0"),
        (443, "203.0.113.0/24"),
        (443, "2001:db8::/32"),
    }


def test_logs_go_to_cloudwatch_where_that_is_asked_for(
    deployment: Deployment, again: dict[str, str]
) -> None:
    (group,) = deployment.host.client("logs").describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (LOGS, 7)
    data = yaml.safe_load(deployment.user_data)
    (daemon,) = [f for f in data["write_files"] if f["path"] == "/etc/docker/daemon.json"]
    options = json.loads(daemon["content"])["log-opts"]
    assert options["awslogs-group"] == LOGS
    assert options["mode"] == "non-blocking"  # else what writes waits while CloudWatch is away
    policy = deployment.host.client("iam").get_role_policy(
        RoleName=deployment.role, PolicyName="logs"
    )["PolicyDocument"]
    (statement,) = policy["Statement"]
    assert statement["Resource"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{LOGS}:*"
    assert set(statement["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}


def test_s3_tells_a_queue_of_changes(deployment: Deployment, again: dict[str, str]) -> None:
    s3, sqs = deployment.host.s3, deployment.host.client("sqs")
    (told,) = s3.get_bucket_notification_configuration(Bucket=BUCKET)["QueueConfigurations"]
    assert set(told["Events"]) == {"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}
    (rule,) = told["Filter"]["Key"]["FilterRules"]
    assert (rule["Name"].lower(), rule["Value"]) == ("prefix", "photos/")
    url = sqs.get_queue_url(QueueName=f"{NAME}-events")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert queue["QueueArn"] == told["QueueArn"]
    assert queue["SqsManagedSseEnabled"] == "true"
    unusable = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAME}-events-unusable"
    redrive = json.loads(queue["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"] == unusable
    assert int(redrive["maxReceiveCount"]) > MOST_TAKEN
    (statement,) = json.loads(queue["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{BUCKET}"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }
    assert {"COMPOSE_PROFILES='https,work'", f"QUEUE='{url}'"} <= settings_of(deployment)


def test_the_worker_may_use_its_queue_and_no_more(
    deployment: Deployment, again: dict[str, str]
) -> None:
    policy = deployment.host.client("iam").get_role_policy(
        RoleName=deployment.role, PolicyName="queue"
    )["PolicyDocument"]
    work, unusable = policy["Statement"]
    assert {action.removeprefix("sqs:") for action in work["Action"]} == {
        *("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"),
        *("GetQueueAttributes", "GetQueueUrl"),
    }
    assert set(unusable["Action"]) == {"sqs:GetQueueUrl", "sqs:SendMessage"}
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAME}-events"
    assert (work["Resource"], unusable["Resource"]) == (arn, f"{arn}-unusable")


def settings_of(deployment: Deployment) -> set[str]:
    """The lines of the host's settings."""
    data = yaml.safe_load(deployment.user_data)
    (file,) = [f for f in data["write_files"] if f["path"] == "/etc/photoseek/settings.env"]
    return set(file["content"].splitlines())


def test_the_bucket_goes_only_after_a_second_word(deployment: Deployment) -> None:
    s3 = deployment.host.s3
    s3.put_object(Bucket=BUCKET, Key="photos/beach.jpg", Body=b"another version")
    refused = deployment.bucket.run(*DESTROY)
    assert refused.returncode == 1
    assert "lifecycle.prevent_destroy" in refused.stderr
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert s3.get_bucket_policy(Bucket=BUCKET)["Policy"]  # nothing was touched

    remove_delete_markers(deployment)
    folder = deployment.bucket.folder
    shutil.copy(folder / "delete.tf.example", folder / "delete_override.tf")
    deployment.bucket.apply("-refresh=false")
    deployment.bucket.succeed(*DESTROY)
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert BUCKET not in names


def remove_delete_markers(deployment: Deployment) -> None:
    """Since this server, unlike AWS, cannot where versions are kept no more."""
    pages = deployment.host.s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET)
    for marker in [marker for page in pages for marker in page.get("DeleteMarkers", [])]:
        deployment.host.s3.delete_object(
            Bucket=BUCKET, Key=marker["Key"], VersionId=marker["VersionId"]
        )
