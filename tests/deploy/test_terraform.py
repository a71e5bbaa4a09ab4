"""The cloud as Terraform makes it, each resource read back as AWS has it."""

from __future__ import annotations

import json
import re
import shlex
from fnmatch import fnmatch

from tests.support.deploy.deployment import BUCKET, KEY, NAME, Deployment
from tests.support.deploy.terraform import ACCOUNT, LINUX_IMAGE, NEEDS_TERRAFORM, REGION

pytestmark = NEEDS_TERRAFORM

DEPLOY = "/usr/local/lib/photoseek/deploy.sh"


def test_the_configuration_is_formatted(deployment: Deployment) -> None:
    assert deployment.host.succeed("fmt", "-check", "-recursive", "-diff") == ""


def test_the_host_is_what_it_should_be(deployment: Deployment) -> None:
    instance = deployment.instance
    assert instance["InstanceType"] == "m7i-flex.large"
    parameters = deployment.host.client("ssm")
    assert instance["ImageId"] == parameters.get_parameter(Name=LINUX_IMAGE)["Parameter"]["Value"]
    assert instance["EbsOptimized"]
    assert "KeyName" not in instance
    assert instance["PublicIpAddress"] == deployment.host.outputs()["public_ip"]
    assert {tag["Key"]: tag["Value"] for tag in instance["Tags"]} == {
        "Name": NAME,
        "Project": NAME,
    }
    options = instance["MetadataOptions"]
    assert options["HttpTokens"] == "required"
    assert options["HttpPutResponseHopLimit"] == 2
    (disk,) = instance["BlockDeviceMappings"]
    ec2 = deployment.host.client("ec2")
    (volume,) = ec2.describe_volumes(VolumeIds=[disk["Ebs"]["VolumeId"]])["Volumes"]
    assert (volume["VolumeType"], volume["Size"], volume["Encrypted"]) == ("gp3", 30, True)


def test_the_address_stays(deployment: Deployment) -> None:
    outputs = deployment.host.outputs()
    (address,) = deployment.host.client("ec2").describe_addresses()["Addresses"]
    assert address["PublicIp"] == outputs["public_ip"]
    assert address["InstanceId"] == deployment.instance["InstanceId"]
    assert outputs["url"] == f"http://{outputs['public_dns']}"


def test_only_the_web_is_open_and_only_to_those_who_are_named(deployment: Deployment) -> None:
    assert deployment.openings("IpPermissions") == {(80, "203.0.113.0/24"), (80, "2001:db8::/32")}
    assert deployment.openings("IpPermissionsEgress") == {(80, "0.0.0.0/0"), (443, "0.0.0.0/0")}


def test_the_role_may_use_its_bucket_its_key_and_no_more(deployment: Deployment) -> None:
    iam = deployment.host.client("iam")
    name = deployment.role
    role = iam.get_role(RoleName=name)["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
        }
    ]
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    assert sorted(names) == ["bucket", "key", "session"]
    for policy in names:
        document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for statement in document["Statement"]:
            assert statement["Effect"] == "Allow"
            check_resources(policy, as_list(statement["Resource"]), as_list(statement["Action"]))


def check_resources(policy: str, resources: list[str], actions: list[str]) -> None:
    allowed = {
        "bucket": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/?*/[*]"],
        "key": [f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{KEY}"],
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
    key = deployment.key
    assert re.fullmatch(r"[A-Za-z0-9]{48}", key)
    ssm = deployment.host.client("ssm")
    assert ssm.get_parameter(Name=KEY)["Parameter"]["Type"] == "SecureString"
    state = (deployment.host.folder / "terraform.tfstate").read_text()
    assert KEY in state
    assert key not in state


def test_the_commands_can_be_run_as_they_are(deployment: Deployment) -> None:
    """Those for sessions need a plugin of the AWS command line; their words are looked at."""
    outputs = deployment.host.outputs()
    instance = deployment.instance["InstanceId"]
    assert deployment.shell(outputs["api_key_command"]).strip() == deployment.key
    for name, said in {
        "index_command": "cd /opt/photoseek/current && docker compose run --rm --no-TTY index",
        "upgrade_command": f"{DEPLOY} upgrade && systemctl start photoseek",
        "rollback_command": f"{DEPLOY} rollback && systemctl start photoseek",
    }.items():
        run = deployment.shell(outputs[name]).strip()
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


def test_the_bucket_is_private_encrypted_and_keeps_versions(deployment: Deployment) -> None:
    s3 = deployment.bucket.s3
    assert deployment.bucket.outputs()["bucket"] == BUCKET
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
    answer = deployment.bucket.s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)
    rules = {rule["ID"]: rule for rule in answer["Rules"]}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    old = rules["remove-old-versions"]
    assert old["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    assert old["Expiration"] == {"ExpiredObjectDeleteMarker": True}  # photos never expire
    unfinished = rules["remove-unfinished-uploads"]
    assert unfinished["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7
    assert "Expiration" not in unfinished


def test_the_bucket_refuses_what_comes_without_tls(deployment: Deployment) -> None:
    policy = json.loads(deployment.bucket.s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    (statement,) = policy["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Action"] == "s3:*"
    assert statement["Principal"] == "*"
    assert set(statement["Resource"]) == {f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"}
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_second_apply_changes_nothing_and_warns_of_nothing(deployment: Deployment) -> None:
    for configuration in (deployment.host, deployment.bucket):
        said = configuration.apply()
        assert "No changes." in said
        assert "Warning" not in said
