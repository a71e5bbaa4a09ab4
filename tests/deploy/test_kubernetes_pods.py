"""How the pods of infra/kubernetes are watched, stopped, confined and sized."""

from __future__ import annotations

from photoseek.flow.compat import DRAIN_SECONDS
from photoseek.settings import Settings
from tests.support.deploy.manifests import (
    NEEDS_KUBECTL,
    PARTS,
    SECRETS,
    Cluster,
    container_of,
    ports_of,
)

pytestmark = NEEDS_KUBECTL


def test_every_part_is_watched(variant: Cluster) -> None:
    for name in PARTS:
        pod = variant.pods()[name]
        container = container_of(pod)
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = container[kind]
            if name == "gateway":
                expected = "/readyz" if kind == "startupProbe" else "/healthz"
                assert probe["httpGet"] == {"path": expected, "port": "http"}
            else:
                assert probe["grpc"]["port"] == ports_of(pod)["grpc"]
        # Longer than what keeps a part busy, and longer than what keeps requests away.
        liveness, readiness = container["livenessProbe"], container["readinessProbe"]
        assert liveness["periodSeconds"] * liveness["failureThreshold"] >= 60
        assert readiness["periodSeconds"] <= liveness["periodSeconds"]


def test_a_part_that_stops_has_time_to_finish(variant: Cluster) -> None:
    for name in PARTS:
        pod = variant.pods()[name]
        before = container_of(pod)["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert pod["spec"]["terminationGracePeriodSeconds"] >= before + DRAIN_SECONDS + 10


def test_every_container_is_confined(variant: Cluster) -> None:
    [namespace] = variant.kinds("Namespace")
    enforced = namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
    assert enforced == "restricted"
    for pod in variant.pods().values():
        assert pod["spec"]["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        container = container_of(pod)
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        mount, *others = container["volumeMounts"]
        volume = pod["spec"]["volumes"][0]
        assert mount == {"name": volume["name"], "mountPath": "/tmp"}
        assert volume["emptyDir"]["sizeLimit"]
        assert all(other["readOnly"] for other in others)


def test_every_container_has_limits(variant: Cluster) -> None:
    for pod in variant.pods().values():
        resources = container_of(pod)["resources"]
        for what in ("cpu", "memory"):
            assert resources["requests"][what]
            assert resources["limits"][what]


def test_the_encoder_counts_its_own_processors(variant: Cluster) -> None:
    """Torch and Python would count the node's, and be throttled."""
    processors = container_of(variant.pods()["encoder"])["resources"]["limits"]["cpu"]
    environment = variant.environment("encoder", SECRETS)
    assert environment["OMP_NUM_THREADS"] == processors
    assert environment["PHOTOSEEK_DECODE_THREADS"] == processors


def test_photos_on_their_way_fit_into_an_encoder(variant: Cluster) -> None:
    """The model, and photos as large as they may be, before they are decoded and while they are."""
    environment = variant.environment("encoder", SECRETS)
    limits = Settings.model_fields
    fetched = int(environment["PHOTOSEEK_FETCH_THREADS"]) * limits["max_megabytes"].default
    pixels = int(environment["PHOTOSEEK_DECODE_THREADS"]) * limits["max_megapixels"].default * 3
    limit = container_of(variant.pods()["encoder"])["resources"]["limits"]["memory"]
    assert 1600 + fetched + pixels < int(limit.removesuffix("Gi")) * 1024
