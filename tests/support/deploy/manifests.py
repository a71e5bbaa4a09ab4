"""The Kubernetes manifests as kubectl renders them, and ways to ask them things."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

FOLDER = Path(__file__).parents[3] / "infra" / "kubernetes"

VERSIONS = ("1.30", kubernetes_validate.latest_version())
"""The oldest Kubernetes that has all of it, and the newest one whose schemas are known."""

PARTS = {"gateway", "encoder", "indexer"}

OF_KEDA = {"ScaledObject", "TriggerAuthentication"}
"""Kinds that Kubernetes itself does not know; tests/deploy/test_kubernetes_scale.py checks them."""

SECRETS = {
    "api-key": {"PHOTOSEEK_API_KEY": "k" * 48, "PHOTOSEEK_PARTS_SECRET": "s" * 64},
    "s3-keys": {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"},
    "engine-key": {"PHOTOSEEK_ENGINE_USER": "elastic", "PHOTOSEEK_ENGINE_PASSWORD": "p" * 24},
    "redis": {"PHOTOSEEK_REDIS": "redis://:password@redis.redis.svc:6379/0"},
}

Manifest = dict[str, Any]
Secrets = Mapping[str, Mapping[str, str]]
"""What is in each Secret, by its name."""


NEEDS_KUBECTL = [
    pytest.mark.skipif(not shutil.which("kubectl"), reason="there is no kubectl here"),
    pytest.mark.xdist_group("kubernetes"),  # one worker, so that each variant is rendered once
]


def copy_site(
    place: Path, *, components: Sequence[str] = (), settings: Mapping[str, str] | None = None
) -> Path:
    """A site of its own with these components, and with settings that replace those of ours."""
    shutil.copytree(FOLDER, place)
    site = place / "site"
    kustomization = yaml.safe_load((site / "kustomization.yaml").read_text("utf-8"))
    kustomization["components"] = [f"../components/{name}" for name in components]
    (site / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), "utf-8")
    lines = (site / "settings.env").read_text("utf-8").splitlines()
    replaced = tuple(f"{name}=" for name in settings or {})
    kept = [line for line in lines if not line.startswith(replaced or "\0")]
    added = [f"{name}={value}" for name, value in (settings or {}).items()]
    (site / "settings.env").write_text("\n".join([*kept, *added]), "utf-8")
    return site


def render(site: Path) -> Cluster:
    """What `kubectl apply -k` would send to a cluster."""
    done = subprocess.run(["kubectl", "kustomize", site], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Cluster(list(yaml.safe_load_all(done.stdout)))


@dataclass(frozen=True)
class Cluster:
    """Manifests that belong together."""

    manifests: list[Manifest]

    def kinds(self, *kinds: str) -> list[Manifest]:
        return [manifest for manifest in self.manifests if manifest["kind"] in kinds]

    def one(self, kind: str, name: str) -> Manifest:
        [found] = [m for m in self.kinds(kind) if m["metadata"]["name"] == name]
        return found

    def pods(self) -> dict[str, Manifest]:
        """Pod templates by the name of what makes such pods."""
        made = {m["metadata"]["name"]: m["spec"]["template"] for m in self.kinds("Deployment")}
        for job in self.kinds("CronJob"):
            made[job["metadata"]["name"]] = job["spec"]["jobTemplate"]["spec"]["template"]
        return made

    def selected(self, selector: Mapping[str, Any]) -> list[str]:
        """The names of the pods that a selector fits; an empty one fits all."""
        assert set(selector) <= {"matchLabels"}, selector
        wanted = selector.get("matchLabels", {}).items()
        return [n for n, pod in self.pods().items() if wanted <= pod["metadata"]["labels"].items()]

    def role(self, name: str) -> str:
        """The role that a pod is given on AWS."""
        account = self.one("ServiceAccount", self.pods()[name]["spec"]["serviceAccountName"])
        return str(account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"])

    def settings(self) -> dict[str, str]:
        """The one ConfigMap."""
        [found] = self.kinds("ConfigMap")
        return dict(found["data"])

    def environment(self, name: str, secrets: Secrets) -> dict[str, str]:
        """The variables of a pod; those from a Secret have their values in `secrets`."""
        container = container_of(self.pods()[name])
        variables: dict[str, str] = {}
        for source in container.get("envFrom", []):
            [(kind, reference)] = source.items()
            if kind == "configMapRef":
                variables |= self.one("ConfigMap", reference["name"])["data"]
            else:
                variables |= secrets[reference["name"]]
        for variable in container.get("env", []):
            variables[variable["name"]] = _value(variable, container, secrets)
        return variables


def _value(variable: Manifest, container: Manifest, secrets: Secrets) -> str:
    if "value" in variable:
        return str(variable["value"])
    [(kind, reference)] = variable["valueFrom"].items()
    if kind == "secretKeyRef":
        return secrets[reference["name"]][reference["key"]]
    assert kind == "resourceFieldRef", kind
    part, resource = reference["resource"].split(".")
    return str(container["resources"][part][resource])


def container_of(pod: Manifest) -> Manifest:
    """The only container of a pod."""
    [container] = pod["spec"]["containers"]
    assert not pod["spec"].get("initContainers")
    return dict(container)


def ports_of(pod: Manifest) -> dict[str, int]:
    """The ports of a pod by name."""
    return {port["name"]: port["containerPort"] for port in container_of(pod).get("ports", [])}


def number(port: str | int, pod: Manifest) -> int:
    """A port as a number, where a name stands for one of the pod's."""
    return ports_of(pod)[port] if isinstance(port, str) else port


def variables_of(pod: Manifest) -> Iterator[str]:
    """The names of a pod's own variables, without those of ConfigMaps and Secrets."""
    for variable in container_of(pod).get("env", []):
        yield variable["name"]
