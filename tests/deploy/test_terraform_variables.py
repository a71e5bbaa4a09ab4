"""What can be chosen, and what is said when it makes no sense."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.deploy.terraform import (
    ACCOUNT,
    FOLDER,
    GPU_IMAGE,
    LINUX_IMAGE,
    NEEDS_TERRAFORM,
    REGION,
    Terraform,
    put_gpu_image,
)

pytestmark = [NEEDS_TERRAFORM, pytest.mark.timeout(600)]

HOME = '-var=allowed_cidrs=["203.0.113.7/32"]'
IMAGE = "-var=image=photoseek:1"  # else all files of the program are in the plan


@pytest.fixture(scope="module")
def planner(terraform: Terraform) -> Terraform:
    terraform.s3.create_bucket(Bucket=f"photoseek-{ACCOUNT}-{REGION}")
    put_gpu_image("ami-0gpu")
    return terraform


def example(name: str) -> str:
    return f"-var-file={FOLDER / 'examples' / name}.tfvars"


def image_of(terraform: Terraform, parameter: str) -> str:
    ssm = terraform.client("ssm")
    return str(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])


def openings(plan: dict[str, dict[str, Any]]) -> set[tuple[int, str]]:
    return {
        (values["from_port"], values["cidr_ipv4"] or values["cidr_ipv6"])
        for address, values in plan.items()
        if address.startswith("aws_vpc_security_group_ingress_rule.")
    }


@pytest.mark.parametrize(
    ("name", "image", "gigabytes"),
    [
        ("small", LINUX_IMAGE.replace("x86_64", "arm64"), 30),
        ("large", LINUX_IMAGE, 50),
        ("gpu", GPU_IMAGE, 125),
    ],
)
def test_the_image_fits_the_instance(
    planner: Terraform, name: str, image: str, gigabytes: int
) -> None:
    plan = planner.planned(HOME, IMAGE, example(name))
    host = plan["aws_instance.host"]
    assert host["ami"] == image_of(planner, image)
    assert host["root_block_device"][0]["volume_size"] == gigabytes
    assert host["root_block_device"][0]["encrypted"]
    assert openings(plan) == {(80, "203.0.113.7/32")}
    assert ("aws_cloudwatch_log_group.containers[0]" in plan) == (name == "large")


def test_a_gpu_is_given_to_the_encoder(planner: Terraform) -> None:
    said = planner.succeed(
        "console", "-plan", HOME, IMAGE, example("gpu"), stdin="local.settings\n"
    )
    assert "compose.yaml:/etc/photoseek/gpu.yaml" in said
    assert re.search(r'"TORCH"\s*=\s*"pypi"', said)
    assert re.search(r'"ENCODER_MEMORY"\s*=\s*"6553m"', said)


def test_a_name_brings_https_for_everyone_with_the_key(planner: Terraform) -> None:
    plan = planner.planned(IMAGE, example("https"))
    world = {"0.0.0.0/0", "::/0"}
    assert openings(plan) == {(port, cidr) for port in (80, 443) for cidr in world}


def test_a_key_pair_opens_ssh_and_a_subnet_can_be_named(planner: Terraform) -> None:
    ec2 = planner.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    plan = planner.planned(HOME, IMAGE, "-var=key_pair=mine", f"-var=subnet_id={subnet}")
    assert plan["aws_instance.host"]["key_name"] == "mine"
    assert openings(plan) == {(22, "203.0.113.7/32"), (80, "203.0.113.7/32")}
    assert plan["aws_instance.host"]["subnet_id"] == subnet
    assert plan["aws_security_group.host"]["vpc_id"] == vpc


def test_nobody_named_is_nobody_let_in_and_an_image_needs_little(planner: Terraform) -> None:
    plan = planner.planned("-var=allowed_cidrs=[]", IMAGE)
    assert openings(plan) == set()
    sent = {v["key"] for a, v in plan.items() if a.startswith("aws_s3_object.source")}
    allowed = re.compile(r"deploy/source/(compose\.yaml|infra/caddy/.+)")
    assert all(allowed.fullmatch(key) for key in sent)


WRONG = {
    "host_name=https://a.example": 'host_name is "https://a.example"; it must be a full name',
    "name=Photo Seek": "name must have 2 to 20 lower-case letters, digits and hyphens",
    "instance_type=large": 'instance_type is "large"; it must be such as m7i-flex.large',
    "volume_gigabytes=8": "volume_gigabytes must be a whole number from 20 to 16384.",
    "subnet_id=here": 'subnet_id is "here"; it must be such as subnet-0123456789abcdef0.',
    "key_pair=": "key_pair must be the name of a key pair in this region, or be left out.",
    "image=a b": 'image is "a b"; it must be such as ghcr.io/example/photoseek:1.0.',
    "watch_seconds=1": "watch_seconds must be a whole number of seconds from 10 to 86400",
    "api_key_version=0": "api_key_version must be a whole number from 1 on.",
    'settings={PHOTOSEEK_INDEX="x"}': "none of those that the other variables or compose.yaml",
    "log_days=2": "log_days is 2; CloudWatch knows 1, 3, 5, 7,",
}
WRONG_NAMES = {
    'allowed_cidrs=["203.0.113.7"]': 'has ["203.0.113.7"], which are no networks. Write such as',
    'settings={KEEP="x"}': "settings takes names such as PHOTOSEEK_KEEP",
}
WRONG_VALUE = {
    'settings={PHOTOSEEK_KEEP="a\'b"}': "has an apostrophe or a line break, which a file",
}
# What is known only when AWS has been asked.
WRONG_HOST = {
    'allowed_cidrs=["0.0.0.0/0"]': "the key and the photos would travel unencrypted. Set host_name",
    "instance_type=t3.micro": "t3.micro has 1024 MiB of memory; the model, the index and the",
}
WRONG_PROCESSOR = {"instance_type=g5g.xlarge": "g5g.xlarge has a GPU beside an arm64 processor"}


@pytest.mark.parametrize("wrong", [WRONG, WRONG_NAMES, WRONG_VALUE, WRONG_HOST, WRONG_PROCESSOR])
def test_what_makes_no_sense_is_told_in_a_sentence(
    planner: Terraform, wrong: dict[str, str]
) -> None:
    """Terraform tells all that is wrong with the variables at once."""
    given = [f"-var={variable}" for variable in wrong]
    result = planner.run("plan", "-input=false", "-no-color", HOME, IMAGE, *given)
    assert result.returncode == 1
    said = " ".join(result.stderr.split())
    for sentence in wrong.values():
        assert sentence in said
    assert said.count("Error:") == len(wrong)


def test_the_buckets_variables_are_checked_too(planner: Terraform) -> None:
    bucket = Terraform(planner.folder / "bucket", planner.url)
    bucket.init()
    given = ["-var=name=photos-", "-var=old_version_days=0"]
    result = bucket.run("plan", "-input=false", "-no-color", *given)
    assert result.returncode == 1
    said = " ".join(result.stderr.split())
    assert "not end with a hyphen, such as photoseek or press-photos." in said
    assert "old_version_days must be a whole number of days from 1 to 3650." in said


def test_a_host_without_a_bucket_says_how_to_make_one(planner: Terraform) -> None:
    result = planner.run("plan", "-input=false", "-no-color", HOME, IMAGE, "-var=name=nothing")
    assert result.returncode == 1
    assert "make it first: terraform -chdir=bucket init, then apply" in result.stderr


def test_every_variable_and_output_is_described() -> None:
    for path in [*FOLDER.glob("*.tf"), *FOLDER.glob("bucket/*.tf")]:
        blocks = re.findall(r'^(?:variable|output) "(\w+)" \{\n(.*?)^\}', read(path), re.S | re.M)
        for name, block in blocks:
            assert re.search(r'^  description\s+= "[A-Z]', block, re.M), f"{path}: {name}"
        if path.name == "variables.tf":
            assert all(re.search(r"^  type\s+= ", block, re.M) for _, block in blocks)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_readme_of_the_folder_names_every_variable_output_and_example() -> None:
    readme = read(FOLDER / "README.md")
    for path in FOLDER.rglob("*.tf"):
        for name in re.findall(r'^(?:variable|output) "(\w+)"', read(path), re.M):
            assert f"`{name}`" in readme, name
    for path in (FOLDER / "examples").iterdir():
        assert f"examples/{path.name}" in readme
