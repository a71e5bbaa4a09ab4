"""What can be chosen, and what is said when it makes no sense."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.deploy.plans import Plan, make_plans
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

pytestmark = NEEDS_TERRAFORM

# With an image, or all files of the program are in the plan.
COMMON = """
  allowed_cidrs = ["203.0.113.7/32"]
  image         = "photoseek:1"
"""
READING = """{
  ami       = aws_instance.host.ami
  gigabytes = aws_instance.host.root_block_device[0].volume_size
  encrypted = aws_instance.host.root_block_device[0].encrypted
  key_name  = var.key_pair == null ? null : aws_instance.host.key_name
  subnet    = aws_instance.host.subnet_id
  vpc       = aws_security_group.host.vpc_id
  openings  = [
    for rule in aws_vpc_security_group_ingress_rule.host :
    [rule.from_port, coalesce(rule.cidr_ipv4, rule.cidr_ipv6)]
  ]
  logs      = length(aws_cloudwatch_log_group.containers)
  sent      = [for object in aws_s3_object.source : object.key]
  compose   = local.settings.COMPOSE_FILE
  torch     = local.settings.TORCH
  memory    = local.settings.ENCODER_MEMORY
  profiles  = local.settings.COMPOSE_PROFILES
  engine    = var.opensearch == null ? local.engine_settings : null
  domains   = [
    for domain in aws_opensearch_domain.index : {
      name      = domain.domain_name
      version   = domain.engine_version
      https     = domain.domain_endpoint_options[0].enforce_https
      tls       = domain.domain_endpoint_options[0].tls_security_policy
      encrypted = [domain.encrypt_at_rest[0].enabled, domain.node_to_node_encryption[0].enabled]
      instances = domain.cluster_config[0].instance_count
      type      = domain.cluster_config[0].instance_type
      gigabytes = domain.ebs_options[0].volume_size
      subnets   = domain.vpc_options[0].subnet_ids
      policy    = jsondecode(domain.access_policies)
      open      = [
        for rule in aws_vpc_security_group_ingress_rule.opensearch :
        [rule.from_port, rule.to_port, rule.cidr_ipv4, rule.cidr_ipv6]
      ]
    }
  ]
  key       = local.engine_key_parameter
  out       = [for rule in aws_vpc_security_group_egress_rule.host : rule.from_port]
}"""
ENGINE = """
  engine = {
    address       = "elastic+https://a.example:9243,b.example:9243/photos"
    key_parameter = "/mine/engine-key"
    user          = "photoseek"
  }
"""
PLANS = {
    "nobody": "allowed_cidrs = []",
    "without-bucket": 'name = "nothing"',
    "engine": ENGINE,
    "opensearch": "opensearch = { instances = 3 }",
    **{path.stem: path.read_text() for path in FOLDER.glob("examples/*.tfvars")},
}
# Each choice with what is said of it; a second thing that is wrong with it stands under "".
WRONG = {
    "variables": {
        'host_name = "https://a.example"': 'host_name is "https://a.example"; it must be a full',
        'name = "Photo Seek"': "name must have 2 to 20 lower-case letters, digits and hyphens",
        'instance_type = "large"': 'instance_type is "large"; it must be such as m7i-flex.large',
        "volume_gigabytes = 8": "volume_gigabytes must be a whole number from 20 to 16384.",
        'subnet_id = "here"': 'subnet_id is "here"; it must be such as subnet-0123456789abcdef0.',
        'key_pair = ""': "key_pair must be the name of a key pair in this region, or be left out.",
        'image = "a b"': 'image is "a b"; it must be such as ghcr.io/example/photoseek:1.0.',
        "watch_seconds = 1": "watch_seconds must be a whole number of seconds from 10 to 86400",
        "api_key_version = 0": "api_key_version must be a whole number from 1 on.",
        'settings = { PHOTOSEEK_INDEX = "x" }': "none of those that the other variables or comp",
        "log_days = 2": "log_days is 2; CloudWatch knows 1, 3, 5, 7,",
    },
    "names": {
        'allowed_cidrs = ["203.0.113.7"]': 'has ["203.0.113.7"], which are no networks. Write',
        'settings = { KEEP = "x" }': "settings takes names such as PHOTOSEEK_KEEP",
        'engine = { address = "milvus://u:p@a/b", user = "a b" }': 'engine.address is "milvus://u:p',
        "": "engine.user has a blank or an apostrophe, or there is no key_parameter with its",
    },
    "value": {
        'opensearch = { instance_type = "large", instances = 0 }': 'is "large"; it must be such',
        "": "opensearch.instances must be a whole number from 1 to 80",
        'settings = { PHOTOSEEK_KEEP = "a\'b" }': "has an apostrophe or a line break, which a file",
    },
    "engines": {ENGINE + "opensearch = {}": "and engine names another one. Leave one of them out."},
    # What is known only when AWS has been asked.
    "host": {
        'allowed_cidrs = ["0.0.0.0/0"]': "the key and the photos would travel unencrypted. Set",
        'instance_type = "t3.micro"': "t3.micro has 1024 MiB of memory; the model, the index and",
    },
    "processor": {'instance_type = "g5g.xlarge"': "g5g.xlarge has a GPU beside an arm64 processor"},
}


@pytest.fixture(scope="module")
def subnet(terraform: Terraform) -> str:
    ec2 = terraform.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    return str(ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"])


@pytest.fixture(scope="module")
def plans(terraform: Terraform, subnet: str) -> dict[str, Plan]:
    terraform.s3.create_bucket(Bucket=f"photoseek-{ACCOUNT}-{REGION}")
    put_gpu_image("ami-0gpu")
    ours = f'key_pair = "mine"\nsubnet_id = "{subnet}"'
    wrong = {f"wrong-{name}": "\n".join(chosen) for name, chosen in WRONG.items()}
    wanted = {**PLANS, **wrong, "our-own": ours}
    return make_plans(terraform, wanted, common=COMMON, reading=READING)


def image_of(terraform: Terraform, parameter: str) -> str:
    ssm = terraform.client("ssm")
    return str(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])


def openings(plan: Plan) -> set[tuple[int, str]]:
    return {(port, cidr) for port, cidr in plan.read["openings"]}


@pytest.mark.parametrize(
    ("name", "image", "gigabytes"),
    [
        ("small", LINUX_IMAGE.replace("x86_64", "arm64"), 30),
        ("large", LINUX_IMAGE, 50),
        ("gpu", GPU_IMAGE, 125),
    ],
)
def test_the_image_fits_the_instance(
    terraform: Terraform, plans: dict[str, Plan], name: str, image: str, gigabytes: int
) -> None:
    plan = plans[name]
    assert plan.read["ami"] == image_of(terraform, image)
    assert plan.read["gigabytes"] == gigabytes
    assert plan.read["encrypted"]
    assert openings(plan) == {(80, "203.0.113.7/32")}
    assert plan.read["logs"] == (name == "large")


def test_a_gpu_is_given_to_the_encoder(plans: dict[str, Plan]) -> None:
    plan = plans["gpu"]
    assert plan.read["compose"] == "compose.yaml:/etc/photoseek/gpu.yaml"
    assert plan.read["torch"] == "pypi"
    assert plan.read["memory"] == "6553m"


def test_a_name_brings_https_for_everyone_with_the_key(plans: dict[str, Plan]) -> None:
    world = {"0.0.0.0/0", "::/0"}
    assert openings(plans["https"]) == {(port, cidr) for port in (80, 443) for cidr in world}


def test_a_key_pair_opens_ssh_and_a_subnet_can_be_named(
    terraform: Terraform, plans: dict[str, Plan], subnet: str
) -> None:
    plan = plans["our-own"]
    assert plan.read["key_name"] == "mine"
    assert openings(plan) == {(22, "203.0.113.7/32"), (80, "203.0.113.7/32")}
    assert plan.read["subnet"] == subnet
    (described,) = terraform.client("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert plan.read["vpc"] == described["VpcId"]


def test_an_engine_elsewhere_holds_the_index(plans: dict[str, Plan]) -> None:
    """Its key is in a parameter of the user's, and never in the plan."""
    plan = plans["engine"]
    assert plan.read["engine"] == {
        "PHOTOSEEK_INDEX": "elastic+https://a.example:9243,b.example:9243/photos",
        "PHOTOSEEK_BLOBS": f"s3://photoseek-{ACCOUNT}-{REGION}/index/blobs",
        "PHOTOSEEK_STATE": f"s3://photoseek-{ACCOUNT}-{REGION}/index/state",
        "PHOTOSEEK_MODEL": "ViT-B-32:laion2b_s34b_b79k",
        "PHOTOSEEK_ENGINE_USER": "photoseek",
    }
    assert plan.read["key"] == "/mine/engine-key"
    assert set(plan.read["out"]) == {80, 443, 9243}
    assert plan.read["profiles"] == "https,watch"


def test_a_domain_of_its_own_lets_in_the_host_alone(plans: dict[str, Plan]) -> None:
    """It is only planned: AWS's provider waits ten minutes for any domain."""
    plan = plans["opensearch"]
    (domain,) = plan.read["domains"]
    (statement,) = domain.pop("policy")["Statement"]
    assert statement["Action"] == "es:ESHttp*"
    assert statement["Resource"] == f"arn:aws:es:{REGION}:{ACCOUNT}:domain/photoseek/*"
    assert domain == {
        "name": "photoseek",
        "version": "OpenSearch_2.19",
        "https": True,
        "tls": "Policy-Min-TLS-1-2-PFS-2023-10",
        "encrypted": [True, True],
        "instances": 3,
        "type": "r7g.large.search",
        "gigabytes": 100,
        "subnets": [plan.read["subnet"]],
        "open": [[443, 443, None, None]],  # from a security group
    }
    assert set(plan.read["out"]) == {80, 443}


def test_without_an_engine_the_index_is_in_the_bucket(plans: dict[str, Plan]) -> None:
    plan = plans["small"]
    assert plan.read["engine"] == {}
    assert plan.read["domains"] == []
    assert plan.read["key"] is None
    assert set(plan.read["out"]) == {80, 443}


def test_nobody_named_is_nobody_let_in_and_an_image_needs_little(plans: dict[str, Plan]) -> None:
    plan = plans["nobody"]
    assert openings(plan) == set()
    assert set(plan.read["sent"]) == {
        "deploy/source/compose.yaml",
        "deploy/source/infra/caddy/Caddyfile",
    }


@pytest.mark.parametrize("name", WRONG)
def test_what_makes_no_sense_is_told_in_a_sentence(plans: dict[str, Plan], name: str) -> None:
    """Terraform tells all that is wrong with the variables at once."""
    errors = plans[f"wrong-{name}"].errors
    for chosen, sentence in WRONG[name].items():
        assert any(sentence in error for error in errors), f"{chosen}: {errors}"
    assert len(errors) == len(WRONG[name])


def test_the_buckets_variables_are_checked_too(terraform: Terraform, tmp_path: Path) -> None:
    """With a state of its own, since the bucket's may be held by an apply that still waits."""
    bucket = replace(terraform, folder=terraform.folder / "bucket")
    given = ["-var=name=photos-", "-var=old_version_days=0", f"-state={tmp_path}/none.tfstate"]
    result = bucket.run("plan", "-input=false", "-no-color", *given)
    assert result.returncode == 1
    said = " ".join(result.stderr.split())
    assert "not end with a hyphen, such as photoseek or press-photos." in said
    assert "old_version_days must be a whole number of days from 1 to 3650." in said


def test_a_host_without_a_bucket_says_how_to_make_one(plans: dict[str, Plan]) -> None:
    (error,) = plans["without-bucket"].errors
    assert "make it first: terraform -chdir=bucket init, then apply" in error


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
