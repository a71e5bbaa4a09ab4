"""What infra/kubernetes says, as far as it can be told without a cluster: its objects."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.support.deploy.manifests import (
    FOLDER,
    NEEDS_KUBECTL,
    OF_KEDA,
    PARTS,
    SECRETS,
    VERSIONS,
    Cluster,
    container_of,
    copy_site,
    number,
    render,
)
from tests.support.deploy.tools import CHECKOV, tool

pytestmark = NEEDS_KUBECTL


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_fits_its_schema(variant: Cluster, version: str) -> None:
    assert len(variant.manifests) > 15
    for manifest in variant.manifests:
        if manifest["kind"] not in OF_KEDA:
            kubernetes_validate.validate(manifest, version, strict=True)


def test_every_file_is_used() -> None:
    for folder in (FOLDER / "base", FOLDER / "site", *(FOLDER / "components").iterdir()):
        text = (folder / "kustomization.yaml").read_text("utf-8")
        for file in folder.iterdir():
            assert file.name == "kustomization.yaml" or file.name in text, file


def test_deployments_and_budgets_select_their_own_pods(variant: Cluster) -> None:
    for manifest in variant.kinds("Deployment", "PodDisruptionBudget"):
        name = manifest["metadata"]["name"]
        assert variant.selected(manifest["spec"]["selector"]) == [name]
    for name, pod in variant.pods().items():
        for spread in pod["spec"].get("topologySpreadConstraints", []):
            assert variant.selected(spread["labelSelector"]) == [name]


def test_services_lead_to_ports_of_their_pods(variant: Cluster) -> None:
    services = variant.kinds("Service")
    assert {service["metadata"]["name"] for service in services} == PARTS
    for service in services:
        [name] = variant.selected({"matchLabels": service["spec"]["selector"]})
        assert name == service["metadata"]["name"]
        for port in service["spec"]["ports"]:
            # Headless Services have no ports but those of the pods.
            assert port["port"] == number(port["targetPort"], variant.pods()[name])
    headless = {s["metadata"]["name"] for s in services if s["spec"].get("clusterIP") == "None"}
    assert headless == {"encoder", "indexer"}


def test_the_autoscaler_has_something_to_scale(cluster: Cluster) -> None:
    [scaler] = cluster.kinds("HorizontalPodAutoscaler")
    target = scaler["spec"]["scaleTargetRef"]
    scaled = cluster.one(target["kind"], target["name"])
    assert scaled["apiVersion"] == target["apiVersion"]
    assert "replicas" not in scaled["spec"], "each apply would undo what the autoscaler did"
    assert container_of(scaled["spec"]["template"])["resources"]["requests"]["cpu"]


def test_nodes_can_be_drained(variant: Cluster) -> None:
    budgets = {b["metadata"]["name"]: b["spec"] for b in variant.kinds("PodDisruptionBudget")}
    assert set(budgets) == PARTS
    scaled = {
        scaler["spec"]["scaleTargetRef"]["name"]: scaler["spec"]["minReplicas"]
        for scaler in variant.kinds("HorizontalPodAutoscaler")
    }
    for name, budget in budgets.items():
        replicas = scaled.get(name) or variant.one("Deployment", name)["spec"]["replicas"]
        assert budget["maxUnavailable"] == 1
        assert "minAvailable" not in budget
        assert replicas >= 2, "a node that is drained would take the part away"


def test_a_pod_has_the_account_that_is_meant_for_it(cluster: Cluster) -> None:
    for name, pod in cluster.pods().items():
        account = cluster.one("ServiceAccount", pod["spec"]["serviceAccountName"])
        assert account["metadata"]["name"] == ("encoder" if name == "encoder" else "photoseek")
        role = "photoseek-encoder" if name == "encoder" else "photoseek"
        assert cluster.role(name).endswith(f":role/{role}")
        assert account["automountServiceAccountToken"] is False
        assert pod["spec"]["automountServiceAccountToken"] is False


def test_a_changed_setting_makes_new_pods(tmp_path: Path, cluster: Cluster) -> None:
    changed = render(copy_site(tmp_path / "kubernetes", settings={"PHOTOSEEK_LINK_SECONDS": "60"}))
    assert changed.settings()["PHOTOSEEK_LINK_SECONDS"] == "60"
    for name, pod in changed.pods().items():
        assert pod != cluster.pods()[name]
        assert changed.environment(name, SECRETS)["PHOTOSEEK_LINK_SECONDS"] == "60"


def test_a_namespace_can_be_chosen(tmp_path: Path) -> None:
    site = copy_site(tmp_path / "kubernetes")
    file = site / "kustomization.yaml"
    file.write_text(file.read_text("utf-8").replace("namespace: photoseek", "namespace: pictures"))
    cluster = render(site)
    [namespace] = cluster.kinds("Namespace")
    assert namespace["metadata"]["name"] == "pictures"
    others = [m for m in cluster.manifests if m is not namespace]
    assert {m["metadata"]["namespace"] for m in others} == {"pictures"}


def test_encoders_on_gpus(tmp_path: Path) -> None:
    cluster = render(copy_site(tmp_path / "kubernetes", components=["gpu"]))
    container = container_of(cluster.pods()["encoder"])
    assert container["image"].startswith("photoseek-cuda")
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert cluster.environment("encoder", SECRETS)["PHOTOSEEK_DEVICE"] == "cuda"
    assert not cluster.kinds("HorizontalPodAutoscaler")
    others = {container_of(pod)["image"] for n, pod in cluster.pods().items() if n != "encoder"}
    [image] = others
    assert image.startswith("registry.example.org/photoseek:")


def test_keys_of_an_s3_server(tmp_path: Path) -> None:
    cluster = render(copy_site(tmp_path / "kubernetes", components=["keys"]))
    for pod in cluster.pods().values():
        assert {"secretRef": {"name": "s3-keys"}} in container_of(pod)["envFrom"]
    policy = cluster.one("NetworkPolicy", "s3")
    assert cluster.selected(policy["spec"]["podSelector"]) == list(cluster.pods())


def test_checkov_finds_nothing(tmp_path: Path, cluster: Cluster) -> None:
    rendered = tmp_path / "site.yaml"
    rendered.write_text(yaml.safe_dump_all(cluster.manifests), "utf-8")
    command = [*tool(CHECKOV, "checkov"), f"--config-file={FOLDER / 'checkov.yaml'}"]
    done = subprocess.run([*command, f"--file={rendered}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert re.search(r"Passed checks: \d{3}, Failed checks: 0", done.stdout), done.stdout
