"""A deployment as README.md's section Deploy makes it, on a server that answers as AWS does."""

from __future__ import annotations

import base64
import re
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tests.support.deploy.terraform import ACCOUNT, REGION, ROOT, Terraform
from tests.support.waiting import wait_until

README = (ROOT / "README.md").read_text(encoding="utf-8")
(SECTION,) = re.findall(r"^## Deploy\n.*?^```bash\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
MAKE_BUCKET, MAKE_HOST, SYNC, SEARCH = (
    line.partition("  #")[0].strip() for line in SECTION.splitlines()
)

NAME = "press-photos"
BUCKET = f"{NAME}-{ACCOUNT}-{REGION}"
KEY = f"/{NAME}/api-key"
VARIABLES = {
    "name": NAME,
    "allowed_cidrs": '["203.0.113.0/24", "2001:db8::/32"]',
    "settings": '{PHOTOSEEK_KEEP="original", PHOTOSEEK_ALLOWED_ORIGINS="[\\"https://a.example\\"]"}',
}
PICTURES = 12
PATIENCE = 300


class Deployment:
    """The bucket and the host that `make` has made; `home` has a folder Pictures."""

    def __init__(self, host: Terraform, home: Path, aws_cli: Path) -> None:
        self.host = host
        self.home, self._aws_cli = home, aws_cli

    def make(self) -> None:
        """Run the commands. The host needs no more than that the bucket is there; for a minute more
        the provider asks again and again whether the bucket's rules have come to stay.
        """
        enter_folder, _, _ = MAKE_BUCKET.partition(" && ")
        self._bucket_command = self._start(MAKE_BUCKET, self.project)
        wait_until(self._has_bucket, "the bucket", PATIENCE)
        self.shell("\n".join([enter_folder, MAKE_HOST, SYNC]), self.project)
        listed = self.host.s3.list_objects_v2(Bucket=BUCKET, Prefix="photos/")["Contents"]
        self.synced = {entry["Key"] for entry in listed}

    def close(self) -> None:
        """Wait for the end of what `make` began."""
        self._bucket_command.communicate(timeout=PATIENCE)

    @property
    def pictures(self) -> list[Path]:
        return list((self.home / "Pictures").iterdir())

    @property
    def project(self) -> Path:
        return self.host.folder.parents[1]

    @cached_property
    def bucket(self) -> Terraform:
        """The bucket's configuration, when all of it has been applied."""
        _end(self._bucket_command)
        return Terraform(
            self.host.folder / "bucket", self.host.url, self.host.provider, self.host.variables
        )

    @property
    def instance(self) -> dict[str, Any]:
        """The one host that runs."""
        answer = self.host.client("ec2").describe_instances(
            Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
        )
        (instance,) = [i for r in answer["Reservations"] for i in r["Instances"]]
        found: dict[str, Any] = instance
        return found

    @property
    def user_data(self) -> bytes:
        answer = self.host.client("ec2").describe_instance_attribute(
            InstanceId=self.instance["InstanceId"], Attribute="userData"
        )
        return base64.b64decode(answer["UserData"]["Value"])

    @property
    def role(self) -> str:
        """The name of the host's role."""
        iam = self.host.client("iam")
        profile = self.instance["IamInstanceProfile"]["Arn"].rpartition("/")[2]
        (role,) = iam.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]["Roles"]
        return str(role["RoleName"])

    @property
    def key(self) -> str:
        answer = self.host.client("ssm").get_parameter(Name=KEY, WithDecryption=True)
        return str(answer["Parameter"]["Value"])

    def openings(self, which: str) -> set[tuple[int, str]]:
        """The ports and networks of the host's firewall, "IpPermissions" or "..Egress"."""
        ec2 = self.host.client("ec2")
        (group,) = self.instance["SecurityGroups"]
        (found,) = ec2.describe_security_groups(GroupIds=[group["GroupId"]])["SecurityGroups"]
        for permission in found[which]:
            assert permission["IpProtocol"] == "tcp"
            assert permission["FromPort"] == permission["ToPort"]
        return {
            (permission["FromPort"], cidr)
            for permission in found[which]
            for cidr in (
                *(r["CidrIp"] for r in permission["IpRanges"]),
                *(r["CidrIpv6"] for r in permission["Ipv6Ranges"]),
            )
        }

    def shell(self, script: str, folder: Path | None = None) -> str:
        """What is printed by commands that somebody types, by default in the host's folder."""
        return _end(self._start(script, folder or self.host.folder))

    def _start(self, script: str, folder: Path) -> subprocess.Popen[str]:
        """With yes to every question."""
        environment = self.host.environment
        return subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            env=environment
            | {
                "HOME": str(self.home),
                "PATH": f"{self._aws_cli}:{environment['PATH']}",
                "TF_CLI_ARGS_apply": "-auto-approve -no-color",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _has_bucket(self) -> bool:
        if self._bucket_command.poll() is not None:
            _end(self._bucket_command)
        try:
            self.host.s3.head_bucket(Bucket=BUCKET)
        except ClientError:
            return False
        return True


def _end(command: subprocess.Popen[str]) -> str:
    """What a command has printed, when it has ended well."""
    printed, said = command.communicate(timeout=PATIENCE)
    assert command.returncode == 0, f"{command.args!r}\n{printed}\n{said}"
    return printed
