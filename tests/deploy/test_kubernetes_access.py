"""Who of infra/kubernetes has the key, and who reaches whom."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from photoseek.settings import PREFIX
from tests.support.deploy.manifests import (
    NEEDS_KUBECTL,
    Cluster,
    Manifest,
    number,
    ports_of,
    variables_of,
)

pytestmark = NEEDS_KUBECTL


def test_only_those_who_need_the_key_have_it(variant: Cluster) -> None:
    has_it = {n for n, pod in variant.pods().items() if "PHOTOSEEK_API_KEY" in variables_of(pod)}
    assert has_it == {"gateway", *workers(variant)}
    assert PREFIX + "API_KEY" not in variant.settings()
    assert not variant.kinds("Secret"), "a secret in a file would be committed one day"


def workers(cluster: Cluster) -> set[str]:
    """What sends photos to the gateway."""
    return {"index", "work"} & set(cluster.pods())


def test_only_the_gateway_reaches_the_other_parts(variant: Cluster) -> None:
    allowed = {
        (source, target, port)
        for source in variant.pods()
        for target, pod in variant.pods().items()
        for port in {8080, 8081, 8082, 8083, 9000, *ports_of(pod).values()}
        if _may_send(variant, source, target, port) and _may_get(variant, source, target, port)
    }
    assert allowed == {
        ("gateway", "encoder", 8082),
        ("gateway", "indexer", 8083),
        ("encoder", "indexer", 8083),
        *((name, "gateway", 8080) for name in workers(variant)),
    }


def _may_send(cluster: Cluster, source: str, target: str, port: int) -> bool:
    pods = cluster.pods()
    return any(
        target in cluster.selected(peer["podSelector"])
        and port in {number(p["port"], pods[target]) for p in rule["ports"]}
        for rule in _rules(cluster, source, "egress")
        for peer in rule["to"]
        if set(peer) == {"podSelector"}
    )


def _may_get(cluster: Cluster, source: str, target: str, port: int) -> bool:
    pods = cluster.pods()
    return any(
        source in cluster.selected(peer["podSelector"])
        and port in {number(p["port"], pods[target]) for p in rule["ports"]}
        for rule in _rules(cluster, target, "ingress")
        for peer in rule["from"]
        if set(peer) == {"podSelector"}
    )


def _rules(cluster: Cluster, name: str, way: str) -> list[Manifest]:
    """The rules for a pod. There is a policy without any, so all that is not allowed is refused."""
    policies = [
        policy["spec"]
        for policy in cluster.kinds("NetworkPolicy")
        if name in cluster.selected(policy["spec"]["podSelector"])
        and way.capitalize() in policy["spec"]["policyTypes"]
    ]
    assert not all(policy.get(way) for policy in policies)
    return [rule for policy in policies for rule in policy.get(way, [])]


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("52.219.170.1", {80, 443}),  # S3
        ("169.254.169.254", set()),  # where a node's keys are given out
        ("169.254.170.23", set()),
        ("10.0.0.1", set()),
        ("172.20.0.1", set()),  # the Kubernetes API
        ("192.168.1.1", set()),
        ("100.64.0.1", set()),
        ("127.0.0.1", {80, 443}),  # a pod itself, where nothing listens on these
    ],
)
def test_photos_cannot_lead_into_private_networks(
    cluster: Cluster, address: str, reached: set[int]
) -> None:
    for name in cluster.pods():
        found = {
            port["port"]
            for rule in _rules(cluster, name, "egress")
            for peer in rule["to"]
            if "ipBlock" in peer and _contains(peer["ipBlock"], address)
            for port in rule["ports"]
        }
        assert found == reached


def _contains(block: Manifest, address: str) -> bool:
    excepted = map(ip_network, block.get("except", []))
    inside = ip_address(address) in ip_network(block["cidr"])
    return inside and not any(ip_address(address) in network for network in excepted)
